// Durable append in process, 64 concurrent clients of one event each, against raw RocksDB writing
// the same rows in batches of 128 with the same fsync, in one run on one disk. Prints both rates
// and their ratio; only the ratio means something beyond this machine. Also times verify over what
// was written.
//
//   append_bench [SECONDS] [DIRECTORY]
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>

#include "domain/fact.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rocks_rows.hpp"
#include "store/verify/verify.hpp"

namespace decklog::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kClients = 64;
constexpr std::size_t kRawBatch = 128;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

domain::NewEvent event(std::uint64_t number) {
    domain::NewEvent made;
    made.type = domain::EventType::audit_action_recorded;
    made.action = number % 3 == 0 ? "ai_reply_sent" : "workflow_advanced";
    made.conversation = "conversation-" + std::to_string(number * 2'654'435'761U % 10'000);
    made.stream = "audit/conversation/" + made.conversation;
    made.occurred_at_us = 1'800'000'000'000'000 + static_cast<std::int64_t>(number) * 100;
    made.actor = {"agent", "agent-" + std::to_string(number % 50)};
    made.recorded_by = "token:7f3a9c01";
    made.platform = "whatsapp";
    made.payload.assign(80, static_cast<std::uint8_t>(number));
    return made;
}

domain::CommandKey key_of(std::uint64_t number) {
    domain::CommandKey key;
    const domain::Bytes16 hash = text_hash(std::to_string(number));
    key.bytes = hash;
    return key;
}

Submission submission(std::uint64_t number) {
    Submission made;
    made.intent = domain::fact("bench", event(number));
    made.key = key_of(number);
    made.request_hash.bytes = made.key->bytes;
    return made;
}

/// Clients whose answer came, waiting to send again.
class Idle {
  public:
    void add(std::size_t client) {
        {
            const std::lock_guard lock(mutex_);
            clients_.push_back(client);
        }
        filled_.notify_one();
    }
    std::deque<std::size_t> take() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return !clients_.empty(); });
        return std::exchange(clients_, {});
    }

  private:
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::size_t> clients_;
};

std::uint64_t append_for(Ledger& ledger, double seconds) {
    Idle idle;
    for (std::size_t client = 0; client < kClients; ++client) idle.add(client);
    std::uint64_t sent = 0;
    std::size_t waiting = 0;
    const auto start = Clock::now();
    while (since(start) < seconds || waiting > 0) {
        for (const std::size_t client : idle.take()) {
            if (sent >= kClients) --waiting;
            if (since(start) >= seconds) continue;
            std::vector<Submission> one;
            one.push_back(submission(sent++));
            ++waiting;
            ledger.submit(0, std::move(one), [&idle, client](const std::vector<Answer>& answers) {
                if (!answers.front()) std::abort();
                idle.add(client);
            });
        }
    }
    return sent;
}

std::uint64_t write_raw_for(RocksRows& rows, const std::vector<FramePtr>& frames, double seconds) {
    const auto start = Clock::now();
    std::uint64_t written = 0;
    while (since(start) < seconds && written + kRawBatch <= frames.size()) {
        const auto batch = rows.new_batch();
        for (std::size_t i = 0; i < kRawBatch; ++i) {
            const Frame& frame = *frames[written++];
            batch->put(RowFamily::log, log_key(frame.first()),
                       {reinterpret_cast<const char*>(frame.bytes().data()), frame.bytes().size()});
            for_each_index_row(frame,
                               [&](RowFamily family, std::string_view key, std::string_view value) {
                                   batch->put(family, key, value);
                               });
        }
        if (!rows.commit(*batch)) std::abort();
    }
    return written;
}

std::vector<FramePtr> frames_of(std::uint64_t count) {
    std::vector<FramePtr> frames;
    for (std::uint64_t i = 0; i < count; ++i) {
        const domain::NewEvent made = event(i);
        const PlacedEvent placed{&made, domain::make_event_id(made.occurred_at_us, {}), i + 1};
        frames.push_back(Frame::encode({}, {0, i}, made.occurred_at_us, key_of(i),
                                       domain::RequestHash{key_of(i).bytes},
                                       std::span(&placed, 1)));
    }
    return frames;
}

int run(double seconds, const std::filesystem::path& directory) {
    const std::filesystem::path root = directory / ("append-bench-" + std::to_string(::getpid()));
    double ours = 0;
    {
        auto ledger = open_rocks_ledger(root / "ours", {});
        if (!ledger) return std::fprintf(stderr, "%s\n", ledger.error().context.c_str()), 1;
        auto start = Clock::now();
        const std::uint64_t events = append_for(**ledger, seconds);
        ours = static_cast<double>(events) / since(start);
        start = Clock::now();
        const auto report = verify(**ledger, {});
        if (!report || !report->ok()) return 1;
        std::printf("durable append, %zu clients: %9.0f events/s\n", kClients, ours);
        std::printf("verify, everything:         %9.0f frames/s\n",
                    static_cast<double>(report->frames) / since(start));
    }
    const std::vector<FramePtr> frames = frames_of(static_cast<std::uint64_t>(ours * seconds * 4));
    std::filesystem::create_directories(root / "raw");
    auto rows = RocksRows::open(root / "raw", nullptr);
    if (!rows) return 1;
    const auto start = Clock::now();
    const std::uint64_t written = write_raw_for(**rows, frames, seconds);
    const double raw = static_cast<double>(written) / since(start);
    std::printf("raw RocksDB, batches of %zu: %9.0f events/s\n", kRawBatch, raw);
    std::printf("ratio: %.2f (bytes a frame: %zu)\n", ours / raw, frames.front()->bytes().size());
    rows->reset();
    std::filesystem::remove_all(root);
    return 0;
}

}  // namespace
}  // namespace decklog::store

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 3;
    return decklog::store::run(seconds, argc > 2 ? argv[2] : ".");
}
