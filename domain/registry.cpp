// What this build knows of the log: its event types and its level. Nothing else is in here, because
// it is all that differs in the test build of a next release (tests/next_release).
#include "domain/registry.hpp"

#include <algorithm>
#include <array>

#include "domain/ledger/level.hpp"
#include "domain/limits.hpp"

namespace decklog::domain {
namespace {

using enum EventType;
using enum Writer;

constexpr bool kAudited = true;
constexpr bool kNotAudited = false;

constexpr std::array kTypes{
    TypeInfo{ledger_created, "LedgerCreated", "ledger_created", 1, ours, kNotAudited},
    TypeInfo{command_noted, "CommandNoted", "command_noted", 1, ours, kNotAudited},
    TypeInfo{clock_accepted, "ClockAccepted", "clock_accepted", 1, ours, kAudited},
    TypeInfo{ledger_forked, "LedgerForked", "ledger_forked", 1, ours, kAudited},
    TypeInfo{ledger_adopted, "LedgerAdopted", "ledger_adopted", 1, ours, kAudited},
    TypeInfo{level_raised, "LevelRaised", "level_raised", 1, ours, kAudited},
    TypeInfo{ledger_moved, "LedgerMoved", "ledger_moved", 1, ours, kAudited},
    TypeInfo{workspace_placed, "WorkspacePlaced", "workspace_placed", 1, ours, kNotAudited},

    TypeInfo{token_created, "TokenCreated", "token_created", 1, ours, kAudited},
    TypeInfo{token_revoked, "TokenRevoked", "token_revoked", 1, ours, kAudited},

    TypeInfo{message_received, "MessageReceived", "message_received", 1, ours, kNotAudited},
    TypeInfo{message_edited, "MessageEdited", "message_edited", 1, ours, kNotAudited},
    TypeInfo{message_deleted, "MessageDeleted", "message_deleted", 1, ours, kNotAudited},
    TypeInfo{reaction_set, "ReactionSet", "reaction_set", 1, ours, kNotAudited},
    TypeInfo{reaction_cleared, "ReactionCleared", "reaction_cleared", 1, ours, kNotAudited},
    TypeInfo{member_joined, "MemberJoined", "member_joined", 1, ours, kNotAudited},
    TypeInfo{member_left, "MemberLeft", "member_left", 1, ours, kNotAudited},
    TypeInfo{command_received, "CommandReceived", "command_received", 1, ours, kNotAudited},
    TypeInfo{component_used, "ComponentUsed", "component_used", 1, ours, kNotAudited},
    TypeInfo{delivery_status_reported, "DeliveryStatusReported", "delivery_status_reported", 1,
             ours, kNotAudited},
    TypeInfo{room_migrated, "RoomMigrated", "room_migrated", 1, ours, kNotAudited},
    TypeInfo{unrecognised_received, "UnrecognisedReceived", "unrecognised_received", 1, ours,
             kNotAudited},

    TypeInfo{audit_action_recorded, "AuditActionRecorded", "", 1, external, kAudited},

    // Services cause records, but only through the record door, which takes these two names before
    // it asks what is reserved; as an audit action or in another letter case they are refused like
    // any other type of ours.
    TypeInfo{message_recorded, "message.recorded", "message_recorded", 1, ours, kNotAudited},
    TypeInfo{appointment_recorded, "appointment.recorded", "appointment_recorded", 1, ours,
             kNotAudited},

    TypeInfo{external_event_recorded, "ExternalEventRecorded", "", 1, external, kNotAudited},

    TypeInfo{subject_erased, "SubjectErased", "subject_erased", 1, ours, kAudited},
    TypeInfo{personal_data_read, "PersonalDataRead", "personal_data_read", 1, ours, kAudited},

    TypeInfo{platform_account_created, "PlatformAccountCreated", "platform_account_created", 1,
             ours, kAudited},
    TypeInfo{platform_policy_updated, "PlatformPolicyUpdated", "platform_policy_updated", 1, ours,
             kAudited},
    TypeInfo{worker_reported, "WorkerReported", "worker_reported", 1, ours, kNotAudited},

    TypeInfo{rollout_created, "RolloutCreated", "rollout_created", 1, ours, kAudited},
    TypeInfo{rollout_stage_changed, "RolloutStageChanged", "rollout_stage_changed", 1, ours,
             kAudited},
    TypeInfo{check_sealed, "CheckSealed", "check_sealed", 1, ours, kNotAudited},
    TypeInfo{verdict_reached, "VerdictReached", "verdict_reached", 1, ours, kAudited},
    TypeInfo{gate_result_recorded, "GateResultRecorded", "gate_result_recorded", 1, ours, kAudited},
    TypeInfo{rollout_overridden, "RolloutOverridden", "rollout_overridden", 1, ours, kAudited},
    TypeInfo{baseline_frozen, "BaselineFrozen", "baseline_frozen", 1, ours, kNotAudited},
    TypeInfo{rollout_command_ran, "RolloutCommandRan", "rollout_command_ran", 1, ours, kAudited},
    TypeInfo{drill_recorded, "DrillRecorded", "drill_recorded", 1, ours, kAudited},
};

// Ordered by number: types are found by halving.
static_assert(std::is_sorted(kTypes.begin(), kTypes.end(), [](const auto& left, const auto& right) {
    return left.type < right.type;
}));

}  // namespace

std::span<const TypeInfo> all_types() { return kTypes; }

std::uint32_t known_log_level() { return limits::kLogLevel; }

}  // namespace decklog::domain
