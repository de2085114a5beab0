// A rollout as an aggregate, one stream a rollout: a release on its way from shadow over canary to
// full, judged by a policy that was fixed when it began. A check is sealed by one event, whose
// position ends its range; the counts that a view made of that range come back with JudgeCheck, and
// the verdict stands in the log with all it was reached from. So the whole state, the evidence
// included, is a fold of this stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/decider.hpp"
#include "domain/gate/judge.hpp"

namespace decklog::domain {

enum class RolloutStage : std::uint8_t { shadow, canary, full, completed, rolled_back, aborted };
[[nodiscard]] std::string_view to_text(RolloutStage stage);
[[nodiscard]] std::optional<RolloutStage> rollout_stage_from_text(std::string_view text);
/// Nothing of it is judged or changed any more.
[[nodiscard]] bool is_finished(RolloutStage stage);

/// Who gave the command, when, and as part of which request.
struct RolloutOrder {
    std::string workspace = "default";
    std::string id{};
    Actor actor{};              // the principal, or the operator that it names
    std::string recorded_by{};  // the principal
    std::int64_t now_us = 0;
    TraceId trace_id{};
    std::optional<EventId> causation_id{};  // of a command from chat: its event
    std::string correlation_id{};
};

struct CreateRollout {
    RolloutOrder order{};
    std::string service{}, release{}, baseline_release{};
    gate::Policy policy{};
    std::string policy_hash{};
    Bytes16 salt{};  // random
};

struct ChangeStage {
    RolloutOrder order{};
    RolloutStage stage = RolloutStage::canary;
    std::optional<double> weight{};  // percent; of a canary, absent: the policy's next one
    std::vector<gate::MissingPlatform> missing_platforms{};  // as of now
};

struct SealCheck {
    RolloutOrder order{};
    std::string cause = "asked";  // asked, timer, units
};

/// What the log says of the baselines that a watch has none of beside it (needs_baseline).
struct FreezeBaseline {
    struct Stream {
        std::uint64_t units = 0;  // 0: there is no such baseline
        std::uint64_t errors = 0;
        std::uint64_t from_ordinal = 0;
        bool operator==(const Stream&) const = default;
    };
    RolloutOrder order{};
    std::uint64_t until_ordinal = 0;  // where the watch began
    std::vector<Stream> streams{};    // one a stream of the policy
};

/// What the view counted in the range that a CheckSealed ends.
struct JudgeCheck {
    RolloutOrder order{};
    std::uint64_t seal_ordinal = 0;
    gate::SealedCheck check{};
    std::vector<gate::MissingPlatform> missing_platforms{};  // as of the seal
};

/// A hard gate may have turned red between checks, or a required platform gone missing.
struct JudgeGates {
    RolloutOrder order{};
    std::vector<gate::MissingPlatform> missing_platforms{};  // as of now
};

struct RecordGate {
    RolloutOrder order{};
    std::string name{};
    bool passed = false;
    std::string release{};   // empty: the rollout's
    std::string evidence{};  // where it can be read
};

/// The next stage may begin without the verdict that it takes.
struct OverrideRollout {
    RolloutOrder order{};
    std::string reason{};
    std::int64_t expires_at_us = 0;
};

/// A command that the operator's process ran. The server runs none.
struct RecordCommandRan {
    RolloutOrder order{};
    std::string run{};         // a name
    std::uint32_t number = 0;  // in the run, from 1
    std::vector<std::string> words{};
    std::int32_t exit_code = 0;
    std::string output{};  // secrets masked
    bool is_cut = false;
    std::int64_t started_at_us = 0, ended_at_us = 0;  // by the operator's clock
};

/// What a run was a drill of, and how it went.
struct RecordDrill {
    RolloutOrder order{};
    std::string run{};
    std::string kind{};  // rollout, rollback
    std::string environment{};
    std::string sha{};  // of the candidate; empty: the rollout's release
    bool passed = false;
    std::string follow_up_owner{};
    std::string history{}, revision{};  // of a rollback
    std::string snapshot{};             // an excerpt, JSON
    std::int64_t started_at_us = 0, ended_at_us = 0;
};

struct Rollout {
    struct Sealed {
        std::uint32_t number = 0;
        std::uint64_t ordinal = 0;
        std::int64_t sealed_at_us = 0;
        EventId event{};
    };
    struct Verdict {
        gate::Judgement judgement{};
        std::vector<std::string> missing_platforms{};
        std::uint32_t number = 0;  // of the check; 0: gates alone
        std::uint64_t ordinal = 0;
        std::int64_t reached_at_us = 0;
        RolloutStage stage = RolloutStage::shadow;
    };
    struct Override {
        std::string reason{};
        Actor actor{};
        std::int64_t expires_at_us = 0;
        std::uint64_t ordinal = 0;
        std::string recorded_by{};  // the principal that spoke for the actor
    };
    struct Run {
        std::string name{}, verdict{};  // the verdict when it began; empty: none yet
        std::uint32_t commands = 0;
        std::uint64_t bytes = 0;  // of words and output
        bool has_failed = false;
        bool has_drill = false;
    };
    struct Drill {
        std::string kind{}, run{}, environment{}, sha{}, follow_up_owner{};
        bool passed = false;
        std::int64_t recorded_at_us = 0;
    };
    struct State {
        bool exists = false;
        std::string service{}, release{}, baseline_release{};
        gate::Policy policy{};
        std::string policy_hash{};
        Bytes16 salt{};
        std::uint64_t created_ordinal = 0;
        std::int64_t created_at_us = 0;
        RolloutStage stage = RolloutStage::shadow;
        double weight = 0;  // percent, of the canary; 100 in full
        gate::Watch watch{};
        std::uint64_t watch_began_ordinal = 0;
        std::vector<gate::GateResult> gates{};  // the last of each name and release, in order
        std::uint32_t checks = 0;               // sealed, over all stages
        std::uint64_t last_ordinal = 0;         // where the next range begins behind
        std::optional<Sealed> open_check{};
        std::optional<Verdict> verdict{};      // the last one
        bool is_judged = false;                // it was reached at this stage and weight
        std::optional<Override> overridden{};  // not used yet
        bool is_beyond_build = false;
        std::vector<Run> runs{};
        std::vector<Drill> drills{};  // in the log's order
    };
    using Command =
        std::variant<CreateRollout, ChangeStage, SealCheck, JudgeCheck, JudgeGates, RecordGate,
                     OverrideRollout, FreezeBaseline, RecordCommandRan, RecordDrill>;

    static State initial() { return {}; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections on creating: invalid_name (id, service, release, baselineRelease),
    /// already_created. On others: not_found; and on all but JudgeCheck, JudgeGates and
    /// FreezeBaseline, which are quiet then, and RecordCommandRan and RecordDrill, which are taken:
    /// rollout_finished. On changing the stage: invalid_stage, invalid_weight (weight),
    /// gate_failed, missing_platforms, not_promoted. On sealing: check_open, verdict_stands. On
    /// gates: invalid_name (name). On overriding: invalid_reason (reason), invalid_expiry
    /// (expiresAt). On a command that ran: invalid_name (run), invalid_number and out_of_order
    /// (number), invalid_words, invalid_exit_code, invalid_output, run_too_large (output),
    /// invalid_time (endedAt), run_finished (run). On a drill: invalid_name (run, environment, sha,
    /// revision), invalid_kind, invalid_owner and owner_needed (followUpOwner), invalid_history,
    /// invalid_snapshot, invalid_time, revision_needed, history_needed, no_commands and
    /// run_finished (run), command_failed (passed). On all: newer_build.
    static Decision<Events> decide(const Command& command, const State& state);
};

[[nodiscard]] Intent rollout_command(Rollout::Command command);
[[nodiscard]] std::string rollout_stream(std::string_view id);
/// Has the watch streams that are held against a frozen baseline, and none yet? No check of it is
/// judged before FreezeBaseline.
[[nodiscard]] bool needs_baseline(const Rollout::State& state);
/// Hard gates as the judge takes them.
[[nodiscard]] gate::GateInputs gate_inputs(const Rollout::State& state,
                                           std::vector<gate::MissingPlatform> missing_platforms);
/// May the rollout go on from its stage: the verdict is PROMOTE, or an override counts at `now_us`?
[[nodiscard]] bool may_go_on(const Rollout::State& state, std::int64_t now_us);

}  // namespace decklog::domain
