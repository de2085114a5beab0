// How fast rollouts are judged: a check over a range of millions of events (it reads counters), the
// fold that keeps these counters, and a replay of the past.
//
//   gate_bench [--events N] [--data DIR]      1,000,000 in a directory of its own, removed
//   afterwards
//
// With --data the log is kept and used again.
#include <unistd.h>

#include <filesystem>
#include <future>

#include "api/gate/policy_file.hpp"
#include "api/gate/replaying.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "domain/gate/profiles.hpp"
#include "projections/engine.hpp"
#include "projections/rollouts/rollouts_query.hpp"
#include "tests/bench/mix_log.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

namespace fs = std::filesystem;
using projections::Engine;

constexpr int kChecks = 20;
constexpr std::string_view kId = "bench";

class Seconds : public Stopwatch {
  public:
    Seconds() { start(); }
    [[nodiscard]] double since() const { return running(); }
};

domain::RolloutOrder order() {
    domain::RolloutOrder order;
    order.id = kId;
    order.actor = {"operator", "bench"};
    order.now_us = Mix::kStartUs - 1;
    return order;
}

class GateBench {
  public:
    explicit GateBench(const Options& options)
        : events_(static_cast<std::uint64_t>(options.number("events", 1e6))),
          kept_(!options.text("data", "").empty()),
          root_(kept_
                    ? fs::path(options.text("data", ""))
                    : fs::path(options.text("dir", ".")) / ("gate-" + std::to_string(::getpid()))),
          report_("gate", options.text("json", "")) {}
    ~GateBench() {
        std::error_code ignored;
        engine_.reset();
        ledger_.reset();
        fs::remove_all(kept_ ? root_ / "views" : root_, ignored);
    }
    GateBench(const GateBench&) = delete;
    GateBench& operator=(const GateBench&) = delete;

    int run() {
        fs::create_directories(root_);
        if (!begin_rollout() || !MixLog::write(root_, events_, mix_)) return 1;
        if (!open()) return 1;
        fold();
        replay("default");
        replay("lease-bot");
        return 0;
    }

  private:
    bool open() {
        auto ledger = store::open_rocks_ledger(root_, {});
        if (!ledger) return std::fprintf(stderr, "%s\n", ledger.error().context.c_str()), false;
        ledger_ = *std::move(ledger);
        return true;
    }

    /// The rollout has to be there before its traffic is.
    bool begin_rollout() {
        if (fs::exists(root_ / "ledger")) return true;
        class LongAgo final : public store::Clock {
          public:
            [[nodiscard]] std::int64_t now_us() const override { return Mix::kStartUs - 1; }
            [[nodiscard]] std::int64_t boot_us() const override {
                return store::system_clock().boot_us();
            }
        } clock;
        store::LedgerOptions options;
        options.clock = &clock;
        auto ledger = store::open_rocks_ledger(root_, options);
        if (!ledger) return std::fprintf(stderr, "%s\n", ledger.error().context.c_str()), false;
        ledger_ = *std::move(ledger);
        domain::CreateRollout create;
        create.order = order();
        create.service = "bench";
        create.release = "v2";
        create.baseline_release = "v1";
        create.policy = *domain::gate::find_profile("lease-bot");
        create.policy_hash = api::policy_hash(create.policy);
        submit(create);
        domain::OverrideRollout override;
        override.order = order();
        override.reason = "for the benchmark";
        override.expires_at_us = Mix::kStartUs + 1'000'000;
        submit(override);
        submit(domain::ChangeStage{order(), domain::RolloutStage::canary, 10.0});
        submit(domain::FreezeBaseline{
            order(), state().watch_began_ordinal,
            std::vector<domain::FreezeBaseline::Stream>(create.policy.streams.size())});
        ledger_.reset();
        return true;
    }

    void submit(domain::Rollout::Command command) {
        std::vector<store::Submission> submissions(1);
        submissions.front().intent = domain::rollout_command(std::move(command));
        const auto answer = store::submit_and_wait(*ledger_, 0, std::move(submissions)).front();
        if (answer) return;
        std::fprintf(stderr, "refused: %s\n", answer.error().rejection.message.c_str());
        std::abort();
    }

    [[nodiscard]] domain::Rollout::State state() const {
        auto state = api::load_rollout(*ledger_, kId);
        if (!state) std::abort();
        return *std::move(state);
    }

    void wait_for_view() {
        std::promise<bool> reached;
        engine_->when_reflected({}, {0, ledger_->head(0).next_ordinal - 1},
                                std::chrono::minutes(50),
                                [&](bool reflected) { reached.set_value(reflected); });
        if (!reached.get_future().get()) std::abort();
    }

    /// The counters of the range at hand, from nothing to the head of the log.
    void fold() {
        fs::remove_all(root_ / "views");
        const projections::View* view = projections::find_view("rollouts");
        projections::EngineOptions options;
        options.views = std::span(&view, 1);
        options.build = "bench";
        const Seconds watch;
        auto engine = Engine::open(root_ / "views", *ledger_, options);
        if (!engine) std::abort();
        engine_ = *std::move(engine);
        wait_for_view();
        report_.add({"fold the counters of a rollout", static_cast<double>(events_) / watch.since(),
                     "events/s"});
        checks("a check over all of it");
    }

    /// Sealed, counted, judged, and the verdict durable. The first of them closes the whole range.
    void checks(const std::string& name) {
        std::vector<double> took;
        for (int i = 0; i < kChecks; ++i) {
            const Seconds watch;
            submit(domain::SealCheck{order(), "asked"});
            wait_for_view();
            const auto before = state();
            const auto view = engine_->snapshot("rollouts");
            const auto counts =
                projections::sealed_counts(*view->rows, "default", kId, before.open_check->ordinal);
            if (!counts) std::abort();
            domain::JudgeCheck judge;
            judge.order = order();
            judge.seal_ordinal = before.open_check->ordinal;
            judge.check.sealed_at_us = counts->sealed_at_us;
            judge.check.handled = counts->handled;
            judge.check.streams = counts->streams;
            submit(std::move(judge));
            took.push_back(watch.since() * 1e3);
            if (i == 0) say_check(name, took.back());
            if (state().watch.settled) break;
        }
        report_.add({name + ", median", median(took), "ms"});
    }
    void say_check(const std::string& name, double ms) {
        report_.add({name + ", the first", ms, "ms", {}, {Rule::value_at_most, 50}});
    }

    void replay(const std::string& profile) {
        api::GateReplayWish wish;
        wish.policy = *domain::gate::find_profile(profile);
        const Seconds watch;
        const auto replayed = api::replay_gate(*ledger_, wish, {});
        if (!replayed) std::abort();
        report_.add({"replay under " + profile,
                     static_cast<double>(replayed->events) / watch.since(),
                     "events/s",
                     {},
                     {Rule::value_at_least, 1e6}});
    }

    std::uint64_t events_;
    bool kept_;
    fs::path root_;
    Report report_;
    Mix mix_{1, domain::Cohort::shadow};
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<Engine> engine_;
};

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    const decklog::bench::Options options(argc, argv, {"events", "data", "dir", "json"});
    return decklog::bench::GateBench(options).run();
}
