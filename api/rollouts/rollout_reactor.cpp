#include "api/rollouts/rollout_reactor.hpp"

#include <algorithm>
#include <utility>

#include "api/config.hpp"
#include "api/rollouts/frozen_walk.hpp"
#include "api/rollouts/required_platforms.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "projections/platforms/platforms_query.hpp"
#include "projections/rollouts/rollouts_query.hpp"
#include "store/fork/hold.hpp"
#include "store/frame/frame.hpp"
#include "store/kafka/partition.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::chrono::milliseconds kIdle{1'000};
constexpr std::chrono::milliseconds kViewBehind{5};
constexpr std::int64_t kMicros = 1'000'000;
constexpr double kMillisOfWhole = 100'000;  // of a weight in percent
constexpr std::string_view kSource = "reactor/rollouts";
constexpr std::string_view kMockRuntime = "MOCK_RUNTIME_FORBIDDEN";

domain::RolloutOrder order_of(const Core& core, const std::string& id) {
    domain::RolloutOrder order;
    order.workspace = kRolloutWorkspace;
    order.id = id;
    order.actor = {"system", "decklog"};
    order.recorded_by = "decklog";
    order.now_us = core.clock->now_us();
    return order;
}

bool concerns_rollouts(const store::Frame& frame) {
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const domain::EventView event = frame.event(i);
        if (domain::family_of(event.type()) == domain::Family::rollout) return true;
        if (event.is(domain::EventType::worker_reported)) return true;
    }
    return false;
}

domain::gate::SealedCheck check_of(const projections::rollout::CountsRow& row) {
    domain::gate::SealedCheck check;
    check.sealed_at_us = row.sealed_at_us;
    check.canary_share = row.weight_millis / kMillisOfWhole;
    check.handled = row.handled;
    check.streams = row.streams;
    return check;
}

/// The cause of a command, by what stays the same in every copy of the log.
std::string event_id_at(const store::LogReader& log, std::uint64_t ordinal) {
    const auto frame = log.frame_at({kPartition, ordinal});
    if (!frame) return std::to_string(ordinal);
    const std::uint64_t index = ordinal - (*frame)->first().ordinal;
    return domain::to_hex((*frame)->event(index).event_id().bytes);
}

/// The most that a stream attempted in the range at hand. `handled` would count a unit once in a
/// watch: the same ones again would never fill a range.
std::uint64_t units_of(const projections::rollout::OpenRow& row) {
    std::uint64_t most = 0;
    for (const auto& stream : row.streams)
        most = std::max(most, stream.canary.attempted + stream.baseline.attempted);
    return most;
}

bool is_rolled_back(const domain::Rollout::State& state) {
    return state.watch.settled && state.watch.settled->verdict == domain::gate::Verdict::rollback;
}

}  // namespace

RolloutReactor::RolloutReactor(const Core& core)
    : core_(core), durable_before_(core.ledger->head(kPartition).next_ordinal) {
    subscription_ = core.ledger->on_durable([this](std::span<const store::FramePtr> frames) {
        if (frames.front()->first().partition != kPartition) return;
        const auto newest = std::find_if(frames.rbegin(), frames.rend(), [](const auto& frame) {
            return concerns_rollouts(*frame);
        });
        if (newest == frames.rend()) return;
        {
            const std::lock_guard lock(mutex_);
            has_news_ = true;
            news_before_ = (*newest)->last().ordinal + 1;
        }
        wakes_.notify_all();
    });
    thread_ = std::thread([this] { run(); });
}

RolloutReactor::~RolloutReactor() {
    subscription_.reset();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_all();
    thread_.join();
}

void RolloutReactor::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        has_news_ = false;
        const std::uint64_t news_before = news_before_;
        lock.unlock();
        const bool is_done = turn(news_before);
        lock.lock();
        wakes_.wait_for(lock, is_done ? kIdle : kViewBehind,
                        [this] { return has_news_ || stopping_; });
    }
}

bool RolloutReactor::turn(std::uint64_t news_before) {
    if (!core_.partitions.empty() && !core_.partitions.front()->facts().is_live) return true;
    const auto view = core_.engine->snapshot("rollouts");
    if (!view) return true;  // views/ is opened again
    if (view->next_ordinal < news_before) return false;
    // While events come in, a view is always a little behind the log.
    const std::uint64_t durable_before =
        std::exchange(durable_before_, core_.ledger->head(kPartition).next_ordinal);
    bool is_done = true;
    for (const auto& row : projections::open_rollouts(*view->rows))
        is_done = move_on(*view, row, durable_before) && is_done;
    return is_done;
}

bool RolloutReactor::move_on(const projections::ViewSnapshot& view,
                             const projections::rollout::OpenRow& row,
                             std::uint64_t durable_before) {
    const auto state = load_rollout(*core_.ledger, row.id);
    if (!state) {
        store::log_warn("rollout", {}, "{}: {}", row.id, state.error().context);
        return true;
    }
    if (state->is_beyond_build || is_finished(state->stage)) return true;
    note_mock_runtimes(row.id, *state);
    judge_gates(row.id, *state, durable_before);
    if (domain::needs_baseline(*state)) {
        freeze_baseline(row.id, *state);
        return true;
    }
    if (state->open_check) return judge(view, row.id, *state);
    seal_if_due(row, *state);
    return true;
}

void RolloutReactor::freeze_baseline(const std::string& id, const domain::Rollout::State& state) {
    if (core_.hold->is_held()) return;
    auto streams = walk_back(*core_.ledger, state, [this] {
        const std::lock_guard lock(mutex_);
        return !stopping_;
    });
    if (!streams) return store::log_warn("rollout", {}, "{}: {}", id, streams.error().context);
    domain::FreezeBaseline command;
    command.order = order_of(core_, id);
    command.until_ordinal = state.watch_began_ordinal;
    command.streams = *std::move(streams);
    submit(std::move(command), event_id_at(*core_.ledger, state.watch_began_ordinal), "baseline");
}

/// False: the platforms view has not folded the seal yet.
bool RolloutReactor::judge(const projections::ViewSnapshot& view, const std::string& id,
                           const domain::Rollout::State& state) {
    const std::uint64_t seal = state.open_check->ordinal;
    const auto counts = projections::sealed_counts(*view.rows, kRolloutWorkspace, id, seal);
    if (!counts) return true;  // sealed after this view; the next turn sees it
    auto missing = missing_platforms(core_, state.policy, seal + 1, counts->sealed_at_us);
    if (!missing) return false;
    domain::JudgeCheck command;
    command.order = order_of(core_, id);
    command.seal_ordinal = seal;
    command.check = check_of(*counts);
    command.missing_platforms = *std::move(missing);
    submit(std::move(command), domain::to_hex(state.open_check->event.bytes), "verdict");
    return true;
}

/// Missing is what a view does not know that has seen the log up to the last turn, and whatever the
/// stage began with. A copy that is held sees no traffic.
void RolloutReactor::judge_gates(const std::string& id, const domain::Rollout::State& state,
                                 std::uint64_t durable_before) {
    domain::JudgeGates command;
    command.order = order_of(core_, id);
    if (!core_.hold->is_held() && !is_rolled_back(state)) {
        const std::uint64_t until = std::max(durable_before, state.last_ordinal + 1);
        command.missing_platforms =
            missing_platforms(core_, state.policy, until, command.order.now_us)
                .value_or(std::vector<domain::gate::MissingPlatform>{});
    }
    const auto judged = domain::gate::judge_gates(
        state.policy, state.watch, domain::gate_inputs(state, command.missing_platforms));
    if (!judged) return;
    // A gate is red by one event. A platform may be missing again in another stage, and is by the
    // absence of events: once since the last seal or change of stage.
    const bool is_gate = judged->judgement.reason == domain::gate::Reason::gate_failed;
    const std::uint64_t since = is_gate ? *judged->judgement.cause : state.last_ordinal;
    submit(std::move(command), event_id_at(*core_.ledger, since), is_gate ? "gate" : "platforms");
}

/// Once for each report; its verdict follows like that of any gate. A pass clears what was reported
/// before it, and no worker that reports a forbidden runtime after it.
void RolloutReactor::note_mock_runtimes(const std::string& id,
                                        const domain::Rollout::State& state) {
    const auto view = core_.engine->snapshot("platforms");
    if (!view) return;
    const auto known =
        std::find_if(state.gates.rbegin(), state.gates.rend(), [&state](const auto& gate) {
            return gate.name == kMockRuntime && gate.release == state.release;
        });
    const bool is_red = known != state.gates.rend() && !known->passed;
    if (is_red) return;
    const std::uint64_t passed_at = known == state.gates.rend() ? 0 : known->position;
    for (const auto& row : projections::workers(*view->rows)) {
        const domain::WorkerReport& worker = row.report;
        const bool is_forbidden = worker.release == state.release &&
                                  worker.runtime != core_.config->services.worker_runtime;
        if (!is_forbidden || row.ordinal < passed_at) continue;
        domain::RecordGate command;
        command.order = order_of(core_, id);
        command.name = kMockRuntime;
        command.evidence = "worker " + worker.worker + " runs " + worker.runtime;
        return submit(std::move(command), event_id_at(*core_.ledger, row.ordinal), "runtime");
    }
}

void RolloutReactor::seal_if_due(const projections::rollout::OpenRow& row,
                                 const domain::Rollout::State& state) {
    if (core_.hold->is_held() || state.watch.settled) return;
    const std::int64_t waits_us = core_.clock->now_us() - row.range_began_us;
    const bool is_due = waits_us >= state.policy.seal_every_seconds * kMicros;
    const bool is_full = units_of(row) >= state.policy.seal_units;
    if (!is_due && !is_full) return;
    domain::SealCheck command;
    command.order = order_of(core_, row.id);
    command.cause = is_full ? "units" : "timer";
    submit(std::move(command), event_id_at(*core_.ledger, state.last_ordinal), "seal");
}

/// Under a key of its cause, so that it is done once, whoever repeats it.
void RolloutReactor::submit(domain::Rollout::Command command, const std::string& cause,
                            std::string_view purpose) {
    std::vector<store::Submission> submissions(1);
    store::Submission& submission = submissions.front();
    submission.intent = domain::rollout_command(std::move(command));
    const std::string target = submission.intent.home.stream;
    submission.key = store::command_key(*core_.vault, kRolloutWorkspace, kSource,
                                        target + "/" + std::string(purpose) + "/" + cause);
    submission.request_hash =
        store::request_hash(*core_.vault, submission.intent.command, target, "any", cause);
    submission.frees_or_protects = true;  // a verdict may end harm
    const auto answer =
        store::submit_and_wait(*core_.ledger, kPartition, std::move(submissions)).front();
    if (answer) return;
    store::log_warn("rollout", {}, "{}: {} was refused: {}", target, purpose,
                    answer.error().rejection.message);
}

}  // namespace decklog::api
