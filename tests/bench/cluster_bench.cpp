// Acknowledged commits at the owner of a partition, 64 clients with one command each, against a
// bare librdkafka loop on the same brokers that keeps 64 records of the same size outstanding and
// consumes each back; how fast a follower that starts from nothing applies the log, and whether one
// that is given 100,000 records a second keeps up.
//
//   cluster_bench --brokers LIST [--seconds 1] [--rounds 8] [--events 300000]
//
// --events: how long the log is that the follower finds, written in calls of 500 commits.
// --in-flight: requests that the owner has out at a time, instead of one.
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <thread>

#include "store/kafka/backlog.hpp"
#include "store/kafka/kafka_consumer.hpp"
#include "store/kafka/kafka_ledger.hpp"
#include "store/kafka/settings.hpp"
#include "store/kafka/topic.hpp"
#include "store/limits.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/rocks_rows.hpp"
#include "store/writer/overlay.hpp"
#include "tests/bench/support/audit_traffic.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

using namespace store::kafka;

constexpr std::size_t kOutstanding = 64;
constexpr double kOfABareLoop = 0.5;
constexpr double kCatchUpPerSecond = 400'000;
constexpr double kLivePerSecond = 100'000;
constexpr double kWaitMsMax = 1'000;    // of a record that is given to one that keeps up
constexpr std::size_t kKept = 500'000;  // records, of those that a follower is given

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

std::int64_t now_us() { return store::system_clock().now_us(); }

ClusterOptions cluster(const Options& options, const std::string& topic) {
    ClusterOptions cluster;
    cluster.brokers = options.text("brokers", "");
    cluster.topic = "bench-" + topic + "-" + std::to_string(::getpid());
    if (const std::string out = options.text("in-flight", ""); !out.empty() && topic == "ours")
        cluster.properties["max.in.flight"] = out;
    return cluster;
}

/// A closed loop: the next command when one is answered.
class Commits {
  public:
    Commits(const ClusterOptions& cluster, const std::filesystem::path& root) {
        std::filesystem::create_directories(root);
        auto opened = open_kafka_ledger(root, cluster, {});
        if (!opened) give_up(opened.error().context);
        node_ = *std::move(opened);
        while (!node_.partitions.front()->facts().is_live)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    double rate(double seconds) {
        Stopwatch watch;
        watch.start();
        const std::uint64_t before = answered_;
        until_ = std::chrono::steady_clock::now() +
                 std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
        for (std::size_t i = 0; i < kOutstanding; ++i) submit();
        std::unique_lock lock(mutex_);
        idle_.wait(lock, [this] { return outstanding_ == 0; });
        watch.stop();
        return static_cast<double>(answered_ - before) / watch.seconds();
    }
    /// Until the log holds so many events; events/s.
    double fill(std::uint64_t events) {
        constexpr std::size_t kCommitsACall = 500;
        constexpr int kCalls = 4;
        Stopwatch watch;
        watch.start();
        const std::uint64_t before = this->events();
        while (this->events() < events) {
            std::vector<std::promise<void>> answered(kCalls);
            for (std::promise<void>& each : answered) {
                std::vector<store::Submission> call;
                for (std::size_t i = 0; i < kCommitsACall; ++i)
                    call.push_back(audit_submission(next_++, now_us()));
                node_.ledger->submit(0, std::move(call),
                                     [&each](const auto&) { each.set_value(); });
            }
            for (std::promise<void>& each : answered) each.get_future().wait();
        }
        watch.stop();
        return static_cast<double>(this->events() - before) / watch.seconds();
    }
    [[nodiscard]] std::size_t frame_bytes() const {
        const auto head = node_.ledger->head(0);
        const auto frame = node_.ledger->frame_at({0, head.next_ordinal - 1});
        if (!frame) give_up(frame.error().context);
        return (*frame)->bytes().size();
    }
    [[nodiscard]] std::uint64_t events() const { return node_.ledger->head(0).next_ordinal; }
    [[nodiscard]] const store::Ledger& log() const { return *node_.ledger; }

  private:
    void submit() {
        {
            const std::lock_guard lock(mutex_);
            ++outstanding_;
        }
        std::vector<store::Submission> one(1);
        one[0] = audit_submission(next_++, now_us());
        node_.ledger->submit(0, std::move(one), [this](const std::vector<store::Answer>& answers) {
            if (!answers.front()) give_up(answers.front().error().rejection.code);
            ++answered_;
            const bool goes_on = std::chrono::steady_clock::now() < until_;
            if (goes_on) submit();
            const std::lock_guard lock(mutex_);
            if (--outstanding_ == 0) idle_.notify_all();
        });
    }

    KafkaLedger node_;
    std::atomic<std::uint64_t> next_{0};
    std::uint64_t answered_ = 0;
    std::chrono::steady_clock::time_point until_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t outstanding_ = 0;
};

/// The brokers' part of it alone, with as many requests out as librdkafka likes.
class BareLoop {
  public:
    BareLoop(const ClusterOptions& cluster, std::size_t record_bytes) : record_(record_bytes) {
        if (auto made = open_topic(cluster, log_topic(cluster, 1)); !made)
            give_up(made.error().context);
        auto conf = configure(cluster, {{"enable.idempotence", "true"},
                                        {"acks", "all"},
                                        {"linger.ms", "0"},
                                        {"socket.nagle.disable", "true"},
                                        {"compression.type", "none"}});
        if (!conf) give_up(conf.error().context);
        auto producer = make_handle(RD_KAFKA_PRODUCER, *std::move(conf));
        if (!producer) give_up(producer.error().context);
        producer_ = *std::move(producer);
        topic_.reset(rd_kafka_topic_new(producer_.get(), cluster.topic.c_str(), nullptr));
        auto consumer = KafkaConsumer::open(cluster, 0, bell_);
        if (!consumer) give_up(consumer.error().context);
        consumer_.emplace(*std::move(consumer));
        if (auto started = consumer_->start({}); !started) give_up(started.error().context);
    }
    double rate(double seconds) {
        Stopwatch watch;
        watch.start();
        const auto until =
            std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
        for (std::size_t i = 0; i < kOutstanding; ++i) send();
        std::uint64_t back = 0;
        std::size_t outstanding = kOutstanding;
        while (outstanding > 0) {
            bell_.wait(std::chrono::milliseconds(100));
            rd_kafka_poll(producer_.get(), 0);
            const auto fetched = consumer_->fetch();
            if (!fetched) give_up(fetched.error().context);
            back += fetched->size();
            if (std::chrono::steady_clock::now() >= until) {
                outstanding -= std::min(outstanding, fetched->size());
                continue;
            }
            for (std::size_t i = 0; i < fetched->size(); ++i) send();
        }
        watch.stop();
        return static_cast<double>(back) / watch.seconds();
    }

  private:
    void send() {
        if (rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_COPY, record_.data(), record_.size(),
                             nullptr, 0, nullptr) != 0)
            give_up("bare librdkafka: its queue is full");
    }

    Bell bell_;
    domain::Bytes record_;
    Owned<rd_kafka_t> producer_;
    Owned<rd_kafka_topic_t> topic_;  // goes before its producer
    std::optional<KafkaConsumer> consumer_;
};

double catch_up(const ClusterOptions& cluster, const std::filesystem::path& root,
                std::uint64_t events) {
    std::filesystem::create_directories(root);
    Stopwatch watch;
    watch.start();
    auto opened = open_kafka_ledger(root, cluster, {});
    if (!opened) give_up(opened.error().context);
    while (opened->ledger->head(0).next_ordinal < events)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    watch.stop();
    return static_cast<double>(events) / watch.seconds();
}

/// The log's records from the beginning; events/s, and up to `keep` of them into `kept`.
double read_only(const ClusterOptions& cluster, std::uint64_t records, std::size_t keep,
                 std::vector<Fetched>& kept) {
    Stopwatch watch;
    watch.start();
    Bell bell;
    auto consumer = KafkaConsumer::open(cluster, 0, bell);
    if (!consumer) give_up(consumer.error().context);
    if (auto started = consumer->start({}); !started) give_up(started.error().context);
    std::uint64_t read = 0;
    while (read < records) {
        auto fetched = consumer->fetch();
        if (!fetched) give_up(fetched.error().context);
        read += fetched->size();
        if (fetched->empty()) bell.wait(std::chrono::milliseconds(100));
        for (std::size_t i = 0; i < fetched->size() && kept.size() < keep; ++i)
            kept.push_back(std::move((*fetched)[i]));
    }
    watch.stop();
    return static_cast<double>(records) / watch.seconds();
}

std::unique_ptr<store::RocksRows> open_rows(const std::filesystem::path& root) {
    std::filesystem::create_directories(root);
    auto rows = store::RocksRows::open(root, nullptr, store::Durability::cached);
    if (!rows) give_up(rows.error().context);
    return *std::move(rows);
}

/// The part of a node that applies, with no broker beside.
class Follower {
  public:
    explicit Follower(const std::filesystem::path& root)
        : rows_(open_rows(root)), replica_(Replica::recover(*rows_, 0)) {
        if (!replica_) give_up(replica_.error().context);
    }
    void apply(std::span<const Fetched> records, Pace pace) {
        static_cast<void>(replica_->apply(records, pace));
        if (replica_->stopped()) give_up(replica_->stopped()->context);
    }
    [[nodiscard]] std::uint64_t events() const { return replica_->head().next_ordinal; }

  private:
    std::unique_ptr<store::RocksRows> rows_;
    domain::Result<Replica> replica_;
};

/// Those records applied with no broker beside, in batches of so many.
double apply_only(const std::vector<Fetched>& records, Pace pace, std::size_t batch,
                  const std::filesystem::path& root) {
    Follower follower(root);
    Stopwatch watch;
    watch.start();
    for (std::size_t i = 0; i < records.size(); i += batch) {
        const std::span<const Fetched> some(records);
        follower.apply(some.subspan(i, std::min(batch, records.size() - i)), pace);
    }
    watch.stop();
    return static_cast<double>(follower.events()) / watch.seconds();
}

/// The same given as a topic would give them that gets so many a second; events/s, which is that
/// rate when the follower keeps up, and the longest that a record waited.
std::pair<double, double> keep_up(const std::vector<Fetched>& records, double per_second,
                                  const std::filesystem::path& root) {
    Follower follower(root);
    Backlog backlog;
    Stopwatch watch;
    watch.start();
    double waited = 0;
    const auto begun = std::chrono::steady_clock::now();
    const auto elapsed = [begun] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    };
    std::size_t given = 0;
    std::size_t applied = 0;
    while (applied < records.size()) {
        const auto end = std::min(records.size(), static_cast<std::size_t>(elapsed() * per_second));
        const auto next = std::min(end, given + store::limits::kFetchRecordsMax);
        if (next == given) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        backlog.add({records.begin() + static_cast<std::ptrdiff_t>(given),
                     records.begin() + static_cast<std::ptrdiff_t>(next)});
        given = next;
        const Backlog::Due due = backlog.take_due(static_cast<std::int64_t>(end));
        if (due.records.empty()) continue;
        follower.apply(due.records, due.pace);
        waited = std::max(waited, elapsed() - static_cast<double>(applied) / per_second);
        applied += due.records.size();
    }
    watch.stop();
    return {static_cast<double>(applied) / watch.seconds(), waited * 1e3};
}

/// The rows of the same log put into files in bulk batches, as a follower far behind does, and
/// nothing else: no broker, nothing checked, no chain.
double rows_only(const store::Ledger& log, const std::filesystem::path& root) {
    const auto rows = open_rows(root);
    const std::uint64_t end = log.head(0).next_ordinal;
    store::Overlay overlay(*rows, 0);
    store::Head head;
    Stopwatch watch;
    while (head.next_ordinal < end) {
        std::vector<store::FramePtr> frames;
        const auto read = log.read({0, head.next_ordinal}, [&](const store::FramePtr& frame) {
            frames.push_back(frame);
            return frames.size() < store::limits::kBulkRecords;
        });
        if (!read) give_up(read.error().context);
        watch.start();
        overlay.begin(head, log.ledger_id());
        for (const store::FramePtr& frame : frames) {
            const store::Head after{frame->last().ordinal + 1, frame->header().recorded_at_us, {}};
            overlay.append(frame, store::stream_hashes(*frame), after);
        }
        const auto batch = rows->new_bulk_batch();
        overlay.write_to(*batch);
        if (auto committed = rows->commit(*batch); !committed) give_up(committed.error().context);
        head = overlay.head();
        watch.stop();
    }
    return static_cast<double>(end) / watch.seconds();
}

int run(const Options& options) {
    const double seconds = options.number("seconds", 1);
    const auto rounds = static_cast<std::size_t>(options.number("rounds", 8));
    if (options.text("brokers", "").empty()) {
        std::fprintf(stderr, "cluster: no --brokers (tools/kafka up 3); nothing is measured\n");
        return 0;
    }
    const Scratch scratch(options.text("dir", "."), "cluster");
    const ClusterOptions ours = cluster(options, "ours");
    Commits commits(ours, scratch.path() / "owner");
    static_cast<void>(commits.rate(seconds));  // warms both
    constexpr std::size_t kTransportBytes = 88;
    BareLoop bare(cluster(options, "bare"), commits.frame_bytes() + kTransportBytes);
    static_cast<void>(bare.rate(seconds));
    std::vector<double> rates;
    std::vector<double> ratios;
    for (std::size_t round = 0; round < rounds; ++round) {
        const double raw = round % 2 == 0 ? bare.rate(seconds) : 0;
        rates.push_back(commits.rate(seconds));
        ratios.push_back(rates.back() / (raw > 0 ? raw : bare.rate(seconds)));
    }
    Report report("cluster", options.text("json", ""));
    report.add({"acknowledged commits at the owner, 64 clients; raw: bare librdkafka, 64 out",
                median(rates),
                "commits/s",
                median(rates) / median(ratios),
                {Rule::ratio_at_least, kOfABareLoop}});
    report.add({"commits at the owner in calls of 500",
                commits.fill(static_cast<std::uint64_t>(options.number("events", 300'000))),
                "commits/s"});
    std::vector<Fetched> records;
    const double given = read_only(ours, commits.events(), kKept, records);
    const auto [kept_up, waited] = keep_up(records, kLivePerSecond, scratch.path() / "live");
    report.add({"a follower that is given 100,000 records a second, no broker beside", kept_up,
                "events/s"});
    report.add({"the longest that one of them waited to be applied",
                waited,
                "ms",
                std::nullopt,
                {Rule::value_at_most, kWaitMsMax}});
    report.add(
        {"the same records as fast as they can be applied, 4,096 a batch",
         apply_only(records, Pace::live, store::limits::kFetchRecordsMax, scratch.path() / "small"),
         "events/s"});
    report.add(
        {"the same in bulk, 65,536 a batch",
         apply_only(records, Pace::bulk, store::limits::kBulkRecords, scratch.path() / "bulk"),
         "events/s"});
    records = {};
    report.add({"the rows of that log put into files in bulk, and nothing else",
                rows_only(commits.log(), scratch.path() / "rows"), "events/s"});
    report.add({"a new follower applies the log; raw: its records read and thrown away",
                catch_up(ours, scratch.path() / "follower", commits.events()),
                "events/s",
                given,
                {Rule::value_at_least, kCatchUpPerSecond}});
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    return decklog::bench::run(
        {argc, argv, {"brokers", "seconds", "rounds", "events", "in-flight", "dir", "json"}});
}
