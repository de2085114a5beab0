// How fast views are folded and asked, over the named mix: a rebuild from the first event against a
// plain scan of the same log, what a live fold adds to an append, the observability snapshot idle
// and beside ingest, the other queries, and bytes on disk.
//
//   views_bench [--events N] [--data DIR]      1,000,000 in a directory of its own, removed
//   afterwards
//
// With --data the log is kept and used again. --only scan|fold|ask|live runs one part, and --views
// rooms,audit makes that of folds one fold of these views together.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <future>
#include <sstream>
#include <thread>

#include <rocksdb/db.h>

#include "domain/fact.hpp"
#include "projections/audit/audit_query.hpp"
#include "projections/audit/observability.hpp"
#include "projections/baselines/baselines_query.hpp"
#include "projections/counts_merge.hpp"
#include "projections/engine.hpp"
#include "tests/bench/mix_log.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

namespace fs = std::filesystem;
using projections::Engine;
using projections::View;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::size_t kQuestions = 400;
constexpr double kIngestPerSecond = 10'000;
constexpr double kBusySeconds = 6;

class Watch : public Stopwatch {
  public:
    Watch() { start(); }
    /// Until now.
    [[nodiscard]] double wall() const { return running(); }
    [[nodiscard]] double cpu_used() {
        stop();
        return cpu();
    }
};

class ViewsBench {
  public:
    explicit ViewsBench(const Options& options)
        : events_(static_cast<std::uint64_t>(options.number("events", 1e6))),
          only_(options.text("only", "")),
          views_(options.text("views", "")),
          kept_(!options.text("data", "").empty()),
          root_(kept_
                    ? fs::path(options.text("data", ""))
                    : fs::path(options.text("dir", ".")) / ("views-" + std::to_string(::getpid()))),
          report_("views", options.text("json", "")) {}
    ~ViewsBench() {
        std::error_code ignored;
        ledger_.reset();
        fs::remove_all(kept_ ? views_dir() : root_, ignored);
    }
    ViewsBench(const ViewsBench&) = delete;
    ViewsBench& operator=(const ViewsBench&) = delete;

    int run() {
        fs::create_directories(root_);
        if (!MixLog::write(root_, events_, mix_)) return 1;
        auto ledger = store::open_rocks_ledger(root_, {});
        if (!ledger) return std::fprintf(stderr, "%s\n", ledger.error().context.c_str()), 1;
        ledger_ = *std::move(ledger);
        if (wants("scan")) scan();
        if (wants("fold")) folds();
        if (wants("ask")) ask();
        if (wants("live")) ingest_costs();
        return 0;
    }

  private:
    [[nodiscard]] bool wants(std::string_view part) const { return only_.empty() || only_ == part; }
    [[nodiscard]] fs::path views_dir() const { return root_ / "views"; }
    [[nodiscard]] double events() const { return static_cast<double>(events_); }

    void folds() {
        if (!views_.empty()) return fold_named();
        const View* counting[] = {projections::find_view("audit"),
                                  projections::find_view("baselines")};
        fold("audit and baselines", counting, at_least(1.5e6));
        for (const View* view : projections::all_views())
            fold(std::string(view->name()) + " alone", std::span(&view, 1), {});
        fold("all views", projections::all_views(), at_least(0.3e6));
        disk();
    }

    void fold_named() {
        std::vector<const View*> views;
        std::istringstream names(views_);
        for (std::string name; std::getline(names, name, ',');) {
            views.push_back(projections::find_view(name));
            if (views.back() != nullptr) continue;
            std::fprintf(stderr, "no view %s\n", name.c_str());
            std::exit(64);
        }
        fold(views_, views, {});
    }

    void say(const std::string& name, double value, const std::string& unit,
             std::optional<double> raw = {}, Budget budget = {}) {
        report_.add({name, value, unit, raw, budget});
    }
    static Budget at_least(double limit) { return {Rule::value_at_least, limit}; }
    static Budget at_most(double limit) { return {Rule::value_at_most, limit}; }

    /// Every frame of the log as it is read for folding; and before that only its rows.
    void scan() {
        for (int round = 0; round < 2; ++round) {  // the first one warms the page cache
            Watch watch;
            std::uint64_t bytes = 0;
            const auto done = ledger_->read({0, 0}, [&](const store::FramePtr& frame) {
                bytes += frame->bytes().size();
                return true;
            });
            if (!done) std::abort();
            if (round == 0) continue;
            say("bytes a frame", static_cast<double>(bytes) / events(), "bytes");
            read_rate_ = events() / watch.wall();
            say("read and check frames", read_rate_, "events/s");
            say("read and check frames, cpu", watch.cpu_used() / events() * 1e6, "us/event");
        }
        const std::string log = (root_ / "ledger").string();
        ledger_.reset();
        {
            auto rows = store::RocksRows::open(log, nullptr);
            if (!rows) std::abort();
            Watch watch;
            std::uint64_t bytes = 0;
            const auto all = store::whole_partition(0);
            const auto done =
                (*rows)->scan(store::RowFamily::log, all.begin, all.end, store::Order::ascending,
                              store::Access::bulk, [&](std::string_view, std::string_view value) {
                                  bytes += value.size();
                                  return true;
                              });
            if (!done || bytes == 0) std::abort();
            scan_rate_ = events() / watch.wall();
            say("plain scan of the log", scan_rate_, "events/s");
        }
        auto ledger = store::open_rocks_ledger(root_, {});
        if (!ledger) std::abort();
        ledger_ = *std::move(ledger);
    }

    [[nodiscard]] std::unique_ptr<Engine> open(std::span<const View* const> views) {
        projections::EngineOptions options;
        options.views = views;
        options.build = "bench";
        auto engine = Engine::open(views_dir(), *ledger_, options);
        if (!engine) std::abort();
        return *std::move(engine);
    }

    bool wait_for_all(Engine& engine) {
        std::promise<bool> reached;
        engine.when_reflected({}, {0, ledger_->head(0).next_ordinal - 1}, std::chrono::minutes(50),
                              [&](bool reflected) { reached.set_value(reflected); });
        return reached.get_future().get();
    }

    /// From nothing to the head of the log, as a start without `views/` does.
    void fold(const std::string& name, std::span<const View* const> views, Budget budget) {
        fs::remove_all(views_dir());
        Watch watch;
        const auto engine = open(views);
        if (!wait_for_all(*engine)) std::abort();
        const double wall = watch.wall();
        const double cpu = watch.cpu_used();
        say("fold " + name, events() / wall, "events/s",
            scan_rate_ > 0 ? std::optional(scan_rate_) : std::nullopt, budget);
        say("fold " + name + ", cpu", cpu / events() * 1e6, "us/event");
    }

    /// What stands in `views/` after all views were folded.
    void disk() {
        rocksdb::Options options;
        options.merge_operator = projections::counts_merge_operator();
        std::vector<std::string> names;
        const std::string dir = views_dir().string();
        if (!rocksdb::DB::ListColumnFamilies(options, dir, &names).ok()) return;
        std::vector<rocksdb::ColumnFamilyDescriptor> families;
        for (const auto& name : names) families.emplace_back(name, options);
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* raw = nullptr;
        if (!rocksdb::DB::Open(options, dir, families, &handles, &raw).ok()) return;
        const std::unique_ptr<rocksdb::DB> database(raw);
        for (rocksdb::ColumnFamilyHandle* handle : handles) {
            std::uint64_t bytes = 0;
            database->GetIntProperty(handle, "rocksdb.total-sst-files-size", &bytes);
            if (bytes > 0) {
                say("disk " + handle->GetName(), static_cast<double>(bytes) / events(),
                    "bytes/event");
            }
            (void)database->DestroyColumnFamilyHandle(handle);
        }
    }

    using Question = std::function<void(const Engine&, std::int64_t as_of_us)>;

    /// Asked at random moments of the last hour, each a window of a day.
    void time_question(const std::string& name, const Engine& engine, const Question& question,
                       std::size_t times, Budget budget) {
        std::mt19937_64 random(7);
        std::vector<double> took;
        for (std::size_t i = 0; i < times; ++i) {
            const std::int64_t as_of =
                mix_.now_us() - static_cast<std::int64_t>(random() % kHourUs);
            Watch watch;
            question(engine, as_of);
            took.push_back(watch.wall() * 1e3);
        }
        say(name + ", p50", median(took), "ms");
        say(name + ", p99", percentile(took, 0.99), "ms", {}, budget);
    }

    /// As the route does it: the counts, then the events of the two lists from the log.
    void snapshot(const Engine& engine, std::int64_t as_of_us) const {
        const auto view = engine.snapshot("audit");
        if (!view) std::abort();
        projections::ObservabilityQuery query;
        query.as_of_us = as_of_us;
        const auto answer = projections::observability(*view->rows, query);
        if (answer.core_metrics.audit_events == 0) std::abort();
        for (const auto* list : {&answer.recent_audit, &answer.recent_errors}) {
            for (const auto position : *list) {
                if (!ledger_->frame_at(position)) std::abort();
            }
        }
    }

    void ask() {
        const auto engine = open(projections::all_views());
        if (!wait_for_all(*engine)) std::abort();
        const Question observability = [this](const Engine& at, std::int64_t as_of_us) {
            snapshot(at, as_of_us);
        };
        for (int i = 0; i < 10; ++i) snapshot(*engine, mix_.now_us());
        time_question("snapshot, idle", *engine, observability, kQuestions, at_most(5));
        const Question filtered = [](const Engine& at, std::int64_t as_of_us) {
            projections::AuditQuery query;
            query.by = projections::AuditBy::action;
            query.since_us = as_of_us - 24 * kHourUs;
            query.platforms = {"whatsapp"};
            if (projections::audit_counts(*at.snapshot("audit")->rows, query).total == 0)
                std::abort();
        };
        time_question("audit counts, filtered", *engine, filtered, 10, {});
        const Question failures = [](const Engine& at, std::int64_t as_of_us) {
            if (projections::baselines(*at.snapshot("baselines")->rows, as_of_us - 24 * kHourUs,
                                       as_of_us)
                    .empty())
                std::abort();
        };
        time_question("baselines", *engine, failures, 50, {});
        std::atomic<bool> done{false};
        std::thread ingest([&] {
            while (!done) ingest_for(0.1);
        });
        time_question("snapshot, 10k events/s beside it", *engine, observability, kQuestions,
                      at_most(15));
        done = true;
        ingest.join();
    }

    /// Ten thousand events a second, in calls of fifty.
    void ingest_for(double seconds) {
        constexpr std::size_t kEventsACall = 50;
        Watch watch;
        std::uint64_t sent = 0;
        while (watch.wall() < seconds) {
            std::vector<store::Submission> some(kEventsACall);
            for (auto& submission : some) submission.intent = domain::fact("bench", mix_.next());
            for (const auto& answer : store::submit_and_wait(*ledger_, 0, std::move(some))) {
                if (!answer) std::abort();
            }
            sent += kEventsACall;
            const double ahead = static_cast<double>(sent) / kIngestPerSecond - watch.wall();
            if (ahead > 0) std::this_thread::sleep_for(std::chrono::duration<double>(ahead));
        }
        ingested_ += sent;
    }

    [[nodiscard]] double cpu_of_ingest() {
        ingested_ = 0;
        Watch watch;
        ingest_for(kBusySeconds / 2);
        return watch.cpu_used() / static_cast<double>(ingested_) * 1e6;
    }

    /// What the views cost an event that comes in at that rate.
    void ingest_costs() {
        const double without = cpu_of_ingest();
        const auto engine = open(projections::all_views());
        if (!wait_for_all(*engine)) std::abort();
        say("live fold of all views, cpu", cpu_of_ingest() - without, "us/event", without);
    }

    const std::uint64_t events_;
    const std::string only_;
    const std::string views_;
    const bool kept_;
    const fs::path root_;
    Report report_;
    Mix mix_;
    std::unique_ptr<store::Ledger> ledger_;
    double read_rate_ = 0;
    double scan_rate_ = 0;
    std::uint64_t ingested_ = 0;
};

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    const decklog::bench::Options options(argc, argv,
                                          {"events", "only", "views", "data", "dir", "json"});
    return decklog::bench::ViewsBench(options).run();
}
