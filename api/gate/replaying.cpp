#include "api/gate/replaying.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/gate/past_platforms.hpp"
#include "api/gate/policy_file.hpp"
#include "api/gate/range_reading.hpp"
#include "api/rollouts/frozen_walk.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "domain/payload.hpp"
#include "domain/rollout/policy_record.hpp"
#include "projections/rollouts/rollouts_fold.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

namespace gate = domain::gate;
namespace rollout = projections::rollout;
using domain::EventType;
using domain::EventView;
using domain::Rollout;

constexpr std::uint32_t kPartition = 0;
constexpr std::int64_t kMicros = 1'000'000;
constexpr double kMillisOfWhole = 100'000;  // of a weight in percent
constexpr std::string_view kRangeId = "range";

/// An event of our own making, as a fold sees it.
store::FramePtr made(EventType type, std::string_view id, domain::Bytes payload,
                     std::uint64_t ordinal, std::int64_t at_us) {
    domain::NewEvent event;
    event.type = type;
    event.workspace = kRolloutWorkspace;
    event.stream = domain::rollout_stream(id);
    event.occurred_at_us = at_us;
    event.platform = "decklog";
    event.payload = std::move(payload);
    const store::PlacedEvent placed{&event, domain::EventId{}, 1};
    return store::Frame::encode({}, {kPartition, ordinal}, at_us, std::nullopt, {},
                                std::span(&placed, 1));
}

store::FramePtr created_with(const gate::Policy& policy, std::string_view id,
                             const Rollout::State& from, std::uint64_t ordinal,
                             std::int64_t at_us) {
    fb::RolloutCreatedT payload;
    payload.service = from.service;
    payload.release = from.release;
    payload.baseline_release = from.baseline_release;
    payload.policy_hash = policy_hash(policy);
    payload.policy = domain::record_of(policy);
    payload.salt = std::make_unique<fb::Key16>();
    return made(EventType::rollout_created, id, domain::encode_payload(payload), ordinal, at_us);
}

store::FramePtr stage_frame(std::string_view id, double weight, std::uint64_t ordinal,
                            std::int64_t at_us) {
    fb::RolloutStageChangedT payload;
    payload.from_stage = "shadow";
    payload.stage = "canary";
    payload.weight = weight;
    return made(EventType::rollout_stage_changed, id, domain::encode_payload(payload), ordinal,
                at_us);
}

store::FramePtr seal_frame(std::string_view id, std::uint32_t number, std::uint64_t ordinal,
                           std::int64_t at_us) {
    fb::CheckSealedT payload;
    payload.number = number;
    payload.cause = "replay";
    return made(EventType::check_sealed, id, domain::encode_payload(payload), ordinal, at_us);
}

/// Shadow alone: a fixed share of its units, by their hash, stands for the canary.
std::optional<rollout::Arm> aa_arm(const EventView& event, double weight) {
    if (event.cohort() != domain::Cohort::shadow) return std::nullopt;
    const std::string_view unit = event.unit().empty() ? event.stream() : event.unit();
    std::uint64_t hash = 0;
    ::crypto_generichash(reinterpret_cast<unsigned char*>(&hash), sizeof hash,
                         reinterpret_cast<const unsigned char*>(unit.data()), unit.size(), nullptr,
                         0);
    constexpr double kWhole = 18446744073709551616.0;  // 2^64
    const bool is_canary = static_cast<double>(hash) / kWhole * 100 < weight;
    return is_canary ? rollout::Arm::canary : rollout::Arm::baseline;
}

/// What both kinds of replay share: the fold, the watch, and what was judged so far.
class Replay {
  public:
    Replay(gate::Policy policy, std::string id, std::optional<double> aa_weight)
        : policy_(std::move(policy)), id_(std::move(id)) {
        out_.policy_hash = policy_hash(policy_);
        rollout::ArmRule rule = rollout::arm_of;
        if (aa_weight) {
            rule = [weight = *aa_weight](const EventView& event, const rollout::OpenRow&) {
                return aa_arm(event, weight);
            };
        }
        fold_.emplace(rows_, std::move(rule));
    }

    [[nodiscard]] const gate::Policy& policy() const { return policy_; }
    /// From here on; the hash stays that of the whole policy.
    void forgo_gates_and_drills() {
        policy_.required_gates.clear();
        policy_.required_drills.clear();
    }
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] GateReplay& out() { return out_; }
    void apply(const EventView& event) { static_cast<void>(fold_->apply(event)); }
    void apply(const store::Frame& frame) { apply(frame.event(0)); }

    /// Judges the check that was sealed at this ordinal.
    ReplayedCheck& judge(gate::Watch& watch, std::uint32_t number, std::uint64_t ordinal,
                         const gate::GateInputs& gates) {
        ReplayedCheck check;
        check.number = number;
        check.ordinal = ordinal;
        check.watch = out_.watches;
        gate::SealedCheck counts;
        counts.streams.resize(policy_.streams.size());
        if (auto row = fold_->sealed_counts(kRolloutWorkspace, id_, ordinal)) {
            counts.sealed_at_us = row->sealed_at_us;
            counts.canary_share = row->weight_millis / kMillisOfWhole;
            counts.handled = row->handled;
            counts.streams = std::move(row->streams);
        }
        check.sealed_at_us = counts.sealed_at_us;
        const bool was_settled = watch.settled.has_value();
        auto judged = gate::judge(policy_, std::move(watch), std::move(counts), gates);
        watch = std::move(judged.watch);
        check.judgement = std::move(judged.judgement);
        if (!was_settled) count(check.judgement.verdict);
        out_.checks.push_back(std::move(check));
        return out_.checks.back();
    }
    void count(gate::Verdict verdict) {
        out_.rollbacks += verdict == gate::Verdict::rollback ? 1 : 0;
        out_.promotions += verdict == gate::Verdict::promote ? 1 : 0;
    }

  private:
    gate::Policy policy_;
    std::string id_;
    projections::MemoryRows rows_;  // stays empty: the fold remembers all it needs
    std::optional<rollout::RolloutsFold> fold_;
    GateReplay out_;
};

/// A rollout as it went: its stages and seals, judged again.
class RolloutReplay {
  public:
    /// `platforms`: of another policy than its own, told of the time before. `go_on`: asked during
    /// walks back to frozen baselines.
    RolloutReplay(const store::LogReader& log, gate::Policy policy, std::string id,
                  std::optional<double> aa_weight, PastPlatforms& platforms,
                  std::function<bool()> go_on)
        : log_(log),
          platforms_(platforms),
          go_on_(std::move(go_on)),
          replay_(std::move(policy), std::move(id), aa_weight),
          stream_(domain::rollout_stream(replay_.id())) {}

    void take(const EventView& event) {
        if (event.stream() != stream_ || event.workspace() != kRolloutWorkspace) {
            platforms_.take(event);
            if (event.is(EventType::audit_action_recorded)) replay_.apply(event);
            return;
        }
        if (event.is(EventType::verdict_reached)) return on_recorded(event);
        // What another policy is held against is walked back to anew.
        if (event.is(EventType::baseline_frozen) && !is_own_policy_) return;
        state_ = Rollout::evolve(std::move(state_), event);
        if (event.is(EventType::rollout_created)) {
            is_own_policy_ = state_.policy == replay_.policy();
            state_.policy = replay_.policy();
            ++replay_.out().watches;
            return replay_.apply(*created_with(replay_.policy(), replay_.id(), state_,
                                               event.position().ordinal, event.recorded_at_us()));
        }
        replay_.apply(event);
        if (event.is(EventType::rollout_stage_changed)) on_stage_changed();
        // Under its own policy a rollout is judged where the log has the verdict, from what was
        // known there.
        if (event.is(EventType::gate_result_recorded) && !is_own_policy_)
            judge_gates(event, platforms_.missing(event.recorded_at_us()));
        if (event.is(EventType::check_sealed)) pending_ = event.position().ordinal;
    }
    /// Errors: those of the walks back.
    [[nodiscard]] domain::Result<GateReplay> take_out() {
        if (!failed_) return tl::unexpected(std::move(failed_).error());
        return std::move(replay_.out());
    }

  private:
    void on_stage_changed() {
        pending_.reset();  // it would be of two stages
        if (state_.watch.checks.empty()) ++replay_.out().watches;
        if (is_own_policy_ || !domain::needs_baseline(state_)) return;
        const auto streams = walk_back(log_, state_, go_on_);
        if (!streams) {
            failed_ = tl::unexpected(streams.error());
            return;
        }
        for (const auto& stream : *streams) {
            state_.watch.frozen.push_back(
                {static_cast<double>(stream.units), static_cast<double>(stream.errors)});
        }
    }
    void judge_gates(const EventView& event, std::vector<gate::MissingPlatform> missing) {
        auto judged = gate::judge_gates(state_.policy, state_.watch,
                                        domain::gate_inputs(state_, std::move(missing)));
        if (!judged) return;
        state_.watch = std::move(judged->watch);
        ReplayedCheck check;
        check.ordinal = event.position().ordinal;
        check.sealed_at_us = event.recorded_at_us();
        check.watch = replay_.out().watches;
        check.judgement = std::move(judged->judgement);
        replay_.count(check.judgement.verdict);
        replay_.out().checks.push_back(std::move(check));
    }
    void judge_pending(std::vector<gate::MissingPlatform> missing) {
        if (!pending_) return;
        replay_.judge(state_.watch, state_.checks, *std::exchange(pending_, std::nullopt),
                      domain::gate_inputs(state_, std::move(missing)));
    }
    /// What the verdict was reached from, like gates and frozen baselines: the log has it.
    [[nodiscard]] static std::vector<gate::MissingPlatform> recorded_missing(
        const Rollout::Verdict& verdict) {
        const gate::Judgement& judgement = verdict.judgement;
        const bool is_cause = judgement.reason == gate::Reason::missing_platforms;
        std::vector<gate::MissingPlatform> missing;
        for (const std::string& platform : verdict.missing_platforms)
            missing.push_back({platform, is_cause ? judgement.cause : std::nullopt});
        return missing;
    }
    /// The verdict that the log has for the last check of its number.
    void on_recorded(const EventView& event) {
        Rollout::State told = state_;
        told.watch.checks.clear();
        told = Rollout::evolve(std::move(told), event);
        if (!told.verdict) return;
        const bool is_of_gates = told.verdict->number == 0;
        if (is_own_policy_) {
            auto missing = recorded_missing(*told.verdict);
            is_of_gates ? judge_gates(event, std::move(missing))
                        : judge_pending(std::move(missing));
        } else if (!is_of_gates) {
            judge_pending(platforms_.missing(event.recorded_at_us()));
        }
        state_.open_check.reset();
        auto& checks = replay_.out().checks;
        const auto of_it = std::find_if(checks.rbegin(), checks.rend(), [&](const auto& check) {
            return check.number == told.verdict->number && !check.recorded;
        });
        if (of_it == checks.rend()) return;
        gate::Judgement recorded = told.verdict->judgement;
        recorded.checks = of_it->judgement.checks;  // counted while folding, not stored
        of_it->recorded = std::move(recorded);
    }

    const store::LogReader& log_;
    PastPlatforms& platforms_;
    std::function<bool()> go_on_;
    Replay replay_;
    std::string stream_;
    Rollout::State state_;
    bool is_own_policy_ = true;
    std::optional<std::uint64_t> pending_{};  // sealed there, and not judged yet
    domain::Result<void> failed_;
};

/// Any range, as one canary after the other: a watch ends with its verdict, and the next begins.
/// Gates and drills are of a rollout; a range has none that could have passed.
class RangeReplay {
  public:
    /// `platforms`: told of the time before.
    RangeReplay(gate::Policy policy, double weight, std::optional<double> aa_weight,
                PastPlatforms& platforms)
        : replay_(std::move(policy), std::string(kRangeId), aa_weight),
          platforms_(platforms),
          weight_(weight) {
        replay_.forgo_gates_and_drills();
    }

    void take(const EventView& event) {
        const bool is_action = event.is(EventType::audit_action_recorded);
        const std::int64_t now_us = event.recorded_at_us();
        const std::uint64_t ordinal = event.position().ordinal;
        if (!has_begun_ && is_action) begin(ordinal, now_us);
        if (has_begun_) seal_what_is_due(ordinal, now_us);
        platforms_.take(event);
        if (is_action) replay_.apply(event);
        last_ordinal_ = ordinal + 1;
        last_at_us_ = now_us;
    }
    [[nodiscard]] GateReplay finish() {
        if (has_begun_) seal(last_ordinal_, last_at_us_);
        return std::move(replay_.out());
    }

  private:
    void begin(std::uint64_t ordinal, std::int64_t now_us) {
        has_begun_ = true;
        replay_.apply(*created_with(replay_.policy(), kRangeId, {}, ordinal, now_us));
        new_watch(ordinal, now_us);
        sealed_at_us_ = now_us;
    }
    void new_watch(std::uint64_t ordinal, std::int64_t now_us) {
        const bool is_first_or_next = number_ == 0 || !watch_.checks.empty();
        replay_.apply(*stage_frame(kRangeId, weight_, ordinal, now_us));
        watch_ = {};
        watch_.began_at_us = now_us;
        if (is_first_or_next) ++replay_.out().watches;
    }
    /// When the timer of a rollout would have: what comes after a pause is of a later range, not
    /// late in the one before. A pause that outlasts a watch is passed over.
    void seal_what_is_due(std::uint64_t ordinal, std::int64_t now_us) {
        const std::int64_t every_us = replay_.policy().seal_every_seconds * kMicros;
        for (std::uint32_t sealed = 0; now_us - sealed_at_us_ >= every_us; ++sealed) {
            if (sealed > replay_.policy().horizon) return pass_over(ordinal, now_us, every_us);
            seal(ordinal, sealed_at_us_ + every_us);
        }
    }
    void pass_over(std::uint64_t ordinal, std::int64_t now_us, std::int64_t every_us) {
        sealed_at_us_ += (now_us - sealed_at_us_) / every_us * every_us;
        new_watch(ordinal, sealed_at_us_);
    }
    void seal(std::uint64_t ordinal, std::int64_t now_us) {
        replay_.apply(*seal_frame(kRangeId, ++number_, ordinal, now_us));
        sealed_at_us_ = now_us;
        gate::GateInputs gates;
        gates.missing_platforms = platforms_.missing(now_us);
        const auto& check = replay_.judge(watch_, number_, ordinal, gates);
        const bool is_over = watch_.settled || check.judgement.verdict == gate::Verdict::hold;
        if (is_over) new_watch(ordinal, now_us);
    }

    Replay replay_;
    PastPlatforms& platforms_;
    double weight_;
    gate::Watch watch_;
    bool has_begun_ = false;
    std::uint32_t number_ = 0;
    std::int64_t sealed_at_us_ = 0, last_at_us_ = 0;
    std::uint64_t last_ordinal_ = 0;
};

}  // namespace

domain::Result<GateReplay> replay_gate(
    const store::LogReader& log, const GateReplayWish& wish,
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
    const std::uint64_t end = log.head(kPartition).next_ordinal;
    std::uint64_t from = wish.from.value_or(0);
    const std::uint64_t to = std::min(wish.to.value_or(end - 1), end - 1);
    const auto go_on = [&] { return !progress || progress(0, to - from + 1); };
    GateReplay out;
    domain::Result<std::uint64_t> events;
    if (wish.rollout) {
        const auto state = load_rollout(log, *wish.rollout);
        if (!state) return tl::unexpected(state.error());
        if (!state->exists)
            return domain::fail(domain::ErrorCode::not_found, "there is no such rollout");
        from = state->created_ordinal;
        const gate::Policy policy = wish.policy.value_or(state->policy);
        // Under its own policy the log has what was missing.
        PastPlatforms platforms(policy == state->policy ? std::vector<std::string>{}
                                                        : policy.required_platforms);
        if (auto read = platforms.read_before(log, from, go_on); !read)
            return tl::unexpected(std::move(read).error());
        RolloutReplay replay(log, policy, *wish.rollout, wish.aa_weight, platforms, go_on);
        events = read_range(log, from, to, progress, [&](const EventView& e) { replay.take(e); });
        auto replayed = replay.take_out();
        if (!replayed) return tl::unexpected(std::move(replayed).error());
        out = *std::move(replayed);
    } else {
        if (!wish.policy) {
            return domain::fail(domain::ErrorCode::invalid_argument,
                                "a range has no policy of its own; give one");
        }
        constexpr double kUnknownWeight = 0;
        PastPlatforms platforms(wish.policy->required_platforms);
        if (auto read = platforms.read_before(log, from, go_on); !read)
            return tl::unexpected(std::move(read).error());
        RangeReplay replay(*wish.policy, wish.aa_weight.value_or(kUnknownWeight), wish.aa_weight,
                           platforms);
        events = read_range(log, from, to, progress, [&](const EventView& e) { replay.take(e); });
        out = replay.finish();
    }
    if (!events) return tl::unexpected(std::move(events).error());
    out.events = *events;
    return out;
}

}  // namespace decklog::api
