// Durable append in process: 64 concurrent clients, each with one single-event command at a time
// (decider, chain, dedupe, all index families), against raw RocksDB writing the very rows in
// batches of 128 with the same fsync. Three databases on one disk take turns in short rounds, so
// that what else the machine does falls on all of them.
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "projections/audit/audit_view.hpp"
#include "projections/baselines/baselines_view.hpp"
#include "projections/engine.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/bench/support/audit_traffic.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

constexpr std::size_t kClients = 64;
constexpr std::size_t kRawBatch = 128;
constexpr std::size_t kRawChunk = kRawBatch * 64;  // encoded ahead, outside the measured time
constexpr double kRatioWithoutViews = 0.55;
constexpr double kRatioWithViews = 0.35;

std::int64_t now_us() { return store::system_clock().now_us(); }

[[noreturn]] void give_up(const domain::Error& error) {
    std::fprintf(stderr, "%s\n", error.context.c_str());
    std::exit(1);
}

/// One way to write, round after round.
class Side {
  public:
    virtual ~Side() = default;
    /// Events written within `seconds`, timed by `watch`.
    virtual std::uint64_t write_for(double seconds, Stopwatch& watch) = 0;
};

/// Clients whose answer came, waiting to send again.
class Idle {
  public:
    void add(std::size_t client) {
        const std::lock_guard lock(mutex_);
        clients_.push_back(client);
        if (clients_.size() == 1) filled_.notify_one();
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

class Decklog final : public Side {
  public:
    Decklog(const std::filesystem::path& root, bool with_views) {
        auto opened = store::open_rocks_ledger(root, {});
        if (!opened) give_up(opened.error());
        ledger_ = std::move(*opened);
        if (!with_views) return;
        projections::EngineOptions options;
        options.views = kViews;
        auto engine = projections::Engine::open(root / "views", *ledger_, options);
        if (!engine) give_up(engine.error());
        engine_ = std::move(*engine);
    }

    std::uint64_t write_for(double seconds, Stopwatch& watch) override {
        Idle idle;
        for (std::size_t client = 0; client < kClients; ++client) idle.add(client);
        const std::uint64_t before = sent_;
        std::size_t ended = 0;
        watch.start();
        while (ended < kClients) {
            for (const std::size_t client : idle.take()) {
                if (watch.running() >= seconds) {
                    ++ended;
                    continue;
                }
                std::vector<store::Submission> one;
                one.push_back(audit_submission(sent_++, now_us()));
                ledger_->submit(0, std::move(one),
                                [&idle, client](const std::vector<store::Answer>& answers) {
                                    if (!answers.front()) std::abort();
                                    idle.add(client);
                                });
            }
        }
        watch.stop();
        return sent_ - before;
    }

  private:
    const projections::View* const kViews[2] = {&projections::audit_view(),
                                                &projections::baselines_view()};
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<projections::Engine> engine_;
    std::uint64_t sent_ = 0;
};

class Raw : public Side {
  public:
    explicit Raw(const std::filesystem::path& root) {
        std::filesystem::create_directories(root);
        auto opened = store::RocksRows::open(root, nullptr);
        if (!opened) give_up(opened.error());
        rows_ = std::move(*opened);
    }

    std::uint64_t write_for(double seconds, Stopwatch& watch) override {
        const double until = watch.seconds() + seconds;
        const std::uint64_t before = written_;
        while (watch.seconds() < until) {
            const std::vector<store::FramePtr> frames = encode_chunk();
            watch.start();
            write_all(frames);
            watch.stop();
            written_ += frames.size();
        }
        return written_ - before;
    }

  protected:
    virtual void write_all(std::span<const store::FramePtr> frames) {
        for (std::size_t i = 0; i < frames.size(); i += kRawBatch)
            write(frames.subspan(i, kRawBatch));
    }

    /// One batch, one fsync.
    void write(std::span<const store::FramePtr> frames) {
        const auto batch = rows_->new_batch();
        const auto put = [&batch](store::RowFamily family, std::string_view key,
                                  std::string_view value) { batch->put(family, key, value); };
        for (const store::FramePtr& frame : frames) {
            put(store::RowFamily::log, store::log_key(frame->first()),
                {reinterpret_cast<const char*>(frame->bytes().data()), frame->bytes().size()});
            store::for_each_index_row(*frame, put);
        }
        if (auto committed = rows_->commit(*batch); !committed) give_up(committed.error());
    }

  private:
    std::vector<store::FramePtr> encode_chunk() const {
        std::vector<store::FramePtr> frames;
        for (std::uint64_t number = written_; number < written_ + kRawChunk; ++number) {
            const domain::NewEvent event = audit_event(number, now_us());
            const store::PlacedEvent placed{&event, domain::make_event_id(event.occurred_at_us, {}),
                                            number + 1};
            const domain::CommandKey key = audit_key(number);
            frames.push_back(store::Frame::encode({}, {0, number}, event.occurred_at_us, key,
                                                  domain::RequestHash{key.bytes},
                                                  std::span(&placed, 1)));
        }
        return frames;
    }

    std::unique_ptr<store::RocksRows> rows_;
    std::uint64_t written_ = 0;
};

/// The same rows for clients in a closed loop as decklog has them: a writer's thread takes what
/// waits, writes it and answers. What is left to decklog is the way from here to its own rate.
class RawClients final : public Raw {
  public:
    using Raw::Raw;

  private:
    void write_all(std::span<const store::FramePtr> frames) override {
        Idle idle;
        Idle asking;
        std::thread writer([&] {
            for (std::size_t written = 0; written < frames.size();) {
                const std::deque<std::size_t> clients = asking.take();
                write(frames.subspan(written, clients.size()));
                written += clients.size();
                for (const std::size_t client : clients) idle.add(client);
            }
        });
        for (std::size_t client = 0; client < kClients; ++client) idle.add(client);
        for (std::size_t asked = 0; asked < frames.size();) {
            for (const std::size_t client : idle.take()) {
                if (asked++ < frames.size()) asking.add(client);
            }
        }
        writer.join();
    }
};

struct Measured {
    std::unique_ptr<Side> side;
    std::vector<double> rates{};  // one a round
    std::uint64_t events = 0;
    Stopwatch watch{};
    [[nodiscard]] double cpu_us() const { return watch.cpu() / static_cast<double>(events) * 1e6; }
};

void measure(Measured& one, double seconds) {
    const double before = one.watch.seconds();
    const std::uint64_t events = one.side->write_for(seconds, one.watch);
    one.events += events;
    one.rates.push_back(static_cast<double>(events) / (one.watch.seconds() - before));
}

/// The raw rate that belongs to the median of the rounds' ratios.
Row compared(std::string name, const Measured& ours, const Measured& raw, double at_least) {
    std::vector<double> ratios;
    for (std::size_t round = 0; round < ours.rates.size(); ++round)
        ratios.push_back(ours.rates[round] / raw.rates[round]);
    const double value = median(ours.rates);
    return {std::move(name),
            value,
            "events/s",
            value / median(ratios),
            {Rule::ratio_at_least, at_least}};
}

int run(const Options& options) {
    const double seconds = options.number("seconds", 1);
    const auto rounds = static_cast<std::size_t>(options.number("rounds", 12));
    const Scratch scratch(options.text("dir", "."), "append");
    Measured raw{std::make_unique<Raw>(scratch.path() / "raw")};
    Measured clients{std::make_unique<RawClients>(scratch.path() / "clients")};
    Measured alone{std::make_unique<Decklog>(scratch.path() / "alone", false)};
    Measured folding{std::make_unique<Decklog>(scratch.path() / "views", true)};
    std::vector<Measured*> sides{&raw, &clients, &alone, &folding};
    const std::string only = options.text("only", "");  // one side alone, for a profile
    if (!only.empty()) sides.assign(1, only == "raw" ? &raw : only == "views" ? &folding : &alone);
    for (std::size_t round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < sides.size(); ++i)
            measure(*sides[(round + i) % sides.size()], seconds);
    if (!only.empty()) return std::printf("%.1f us an event\n", sides.front()->cpu_us()), 0;

    Report report("append", options.text("json", ""));
    report.add(compared("durable append, 64 clients, views off; raw: batches of 128", alone, raw,
                        kRatioWithoutViews));
    report.add(compared("durable append, 64 clients, audit and baselines live", folding, raw,
                        kRatioWithViews));
    report.add({"the raw rows, 64 clients, no decklog; raw: batches of 128", median(clients.rates),
                "events/s", median(raw.rates)});
    report.add({"processor time an event, the raw rows, 64 clients", clients.cpu_us(), "us",
                raw.cpu_us()});
    report.add({"processor time an event, views off", alone.cpu_us(), "us", raw.cpu_us()});
    report.add({"processor time an event, views live", folding.cpu_us(), "us", raw.cpu_us()});
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    return decklog::bench::run({argc, argv, {"seconds", "rounds", "only", "dir", "json"}});
}
