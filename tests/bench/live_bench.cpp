// The live stream: how many events a second reach one reader and sixty, from a log that is there
// (catching up) and from one that grows, and what the readers cost the writer. Server, ledger and
// readers share this process and its processors; the raw counterpart writes the same events as JSON
// in one thread, without a server.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <thread>

#include "api/app.hpp"
#include "api/config.hpp"
#include "api/event_json.hpp"
#include "api/server.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"
#include "tests/bench/support/audit_traffic.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

constexpr std::size_t kReaders = 60;
constexpr std::size_t kBatch = 128;
constexpr const char* kToken = "an-admin-token-of-the-benchmark-0";

template <class T>
T must(domain::Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "%s\n", result.error().context.c_str());
    std::exit(1);
}

/// Counts the events that come, in a thread of its own.
class Reader {
  public:
    Reader(std::uint16_t port, std::uint64_t after) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const std::string request = "GET /api/events/live?cursor=0:" + std::to_string(after) +
                                    " HTTP/1.0\r\nAuthorization: Bearer " + kToken + "\r\n\r\n";
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            ::send(fd_, request.data(), request.size(), 0) < 0)
            std::abort();
        thread_ = std::thread([this] { read(); });
    }
    ~Reader() {
        ::shutdown(fd_, SHUT_RDWR);
        thread_.join();
        ::close(fd_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    [[nodiscard]] std::uint64_t events() const { return events_; }

  private:
    void read() {
        std::string piece(256 * 1024, '\0');
        std::uint64_t ends = 0;  // the place of the stream and each event end in an empty line
        bool was_end = false;
        for (ssize_t got = 0; (got = ::recv(fd_, piece.data(), piece.size(), 0)) > 0;) {
            for (const char c : std::string_view(piece).substr(0, static_cast<std::size_t>(got))) {
                ends += c == '\n' && was_end ? 1U : 0U;
                was_end = c == '\n';
            }
            events_ = ends == 0 ? 0 : ends - 1;
        }
    }
    int fd_;
    std::atomic<std::uint64_t> events_{0};
    std::thread thread_;
};

using Readers = std::vector<std::unique_ptr<Reader>>;

std::uint64_t total(const Readers& readers) {
    std::uint64_t events = 0;
    for (const auto& reader : readers) events += reader->events();
    return events;
}

class LiveBench {
  public:
    LiveBench(const std::filesystem::path& data, Report& report) : report_(report) {
        config_.data = data;
        config_.log_level = "error";
        config_.admin_token = api::Secret(kToken);
        app_ = must(api::App::open(config_, {}));
        server_ = must(api::Server::open(*app_, {}));
        serving_ = std::thread([this] { server_->run(); });
    }
    ~LiveBench() {
        server_->stop();
        serving_.join();
    }
    LiveBench(const LiveBench&) = delete;
    LiveBench& operator=(const LiveBench&) = delete;

    void write(std::size_t events) {
        std::vector<store::Submission> batch;
        for (std::size_t i = 0; i < events; ++i, ++number_)
            batch.push_back(audit_submission(number_, store::system_clock().now_us()));
        static_cast<void>(store::submit_and_wait(ledger(), 0, std::move(batch)));
    }
    /// Events as JSON, a second, in this thread alone.
    double raw(std::uint64_t events) {
        const api::Opener opener(*app_->core().vault, true);
        Stopwatch watch;
        watch.start();
        std::uint64_t done = 0;
        std::size_t bytes = 0;
        const auto read = ledger().read({0, 1}, [&](const store::FramePtr& frame) {
            bytes += api::event_json(frame->event(0), ledger().ledger_id(), opener).size();
            return ++done < events;
        });
        if (!read) std::abort();
        watch.stop();
        std::printf("an event in JSON has %zu bytes\n", bytes / done);
        return static_cast<double>(done) / watch.seconds();
    }
    void catch_up(std::size_t count, double raw) {
        const std::uint64_t goal = (ledger().head(0).next_ordinal - 1) * count;
        Stopwatch watch;
        watch.start();
        Readers readers = open(count, 0);
        while (total(readers) < goal) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        watch.stop();
        report_.add({"catching up, " + readers_text(count) + ", all of them",
                     static_cast<double>(goal) / watch.seconds(),
                     "events/s",
                     raw,
                     {}});
    }
    /// The writer writes as fast as it can for so long; then the readers come to the end.
    void follow(std::size_t count, double seconds) {
        const std::uint64_t first = ledger().head(0).next_ordinal;
        Readers readers = open(count, first - 1);
        Stopwatch watch;
        watch.start();
        while (watch.running() < seconds) write(kBatch);
        const double wrote = watch.running();
        const std::uint64_t events = ledger().head(0).next_ordinal - first;
        while (total(readers) < events * count)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const double read = watch.running();
        const double rate = static_cast<double>(events) / wrote;
        if (count == 0) alone_ = rate;
        report_.add(
            {"writing batches of 128 before " + readers_text(count), rate, "events/s", alone_, {}});
        if (count > 0)
            report_.add({"following, " + readers_text(count) + ", all of them",
                         static_cast<double>(events * count) / read,
                         "events/s",
                         {},
                         {}});
    }

  private:
    static std::string readers_text(std::size_t count) {
        return std::to_string(count) + (count == 1 ? " reader" : " readers");
    }
    Readers open(std::size_t count, std::uint64_t after) {
        Readers readers;
        for (std::size_t i = 0; i < count; ++i)
            readers.push_back(std::make_unique<Reader>(server_->address().port, after));
        return readers;
    }
    store::Ledger& ledger() { return *app_->core().ledger; }

    Report& report_;
    api::Config config_;
    std::unique_ptr<api::App> app_;
    std::unique_ptr<api::Server> server_;
    std::thread serving_;
    std::uint64_t number_ = 0;
    double alone_ = 0;
};

int run(int argc, char** argv) {
    const Options options(argc, argv, {"dir", "json", "events", "seconds"});
    const auto events = static_cast<std::uint64_t>(options.number("events", 20'000));
    const double seconds = options.number("seconds", 2);
    Report report("live", options.text("json", ""));
    const Scratch scratch(options.text("dir", "build/bench"), "live");
    LiveBench bench(scratch.path() / "data", report);
    for (std::uint64_t done = 0; done < events; done += 1'000) bench.write(1'000);
    const double raw = bench.raw(events);
    bench.catch_up(1, raw);
    bench.catch_up(kReaders, raw);
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, kReaders})
        bench.follow(count, seconds);
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    decklog::store::configure_logging("error", nullptr);  // sixty readers have sixty lines
    return decklog::bench::run(argc, argv);
}
