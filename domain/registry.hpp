// The event types of the log: their number on the wire, their name, the canonical action name under
// which they are audited, the family that says which views and deciders must understand them, and
// who may write them. One table (registry.cpp); docs/events.md is held to it by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace decklog::domain {

/// High byte of the low 16 bits: the family.
enum class Family : std::uint8_t {
    ledger = 1,
    token = 2,
    chat = 3,
    audit = 4,
    record = 5,
    external = 6,
    subject = 7,
    service = 8,
    rollout = 9
};

enum class EventType : std::uint32_t {
    ledger_created = 0x0101,
    command_noted = 0x0102,
    clock_accepted = 0x0103,
    ledger_forked = 0x0104,
    ledger_adopted = 0x0105,
    level_raised = 0x0106,
    ledger_moved = 0x0107,
    workspace_placed = 0x0108,

    token_created = 0x0201,
    token_revoked = 0x0202,

    message_received = 0x0301,
    message_edited = 0x0302,
    message_deleted = 0x0303,
    reaction_set = 0x0304,
    reaction_cleared = 0x0305,
    member_joined = 0x0306,
    member_left = 0x0307,
    command_received = 0x0308,
    component_used = 0x0309,
    delivery_status_reported = 0x030A,
    room_migrated = 0x030B,
    unrecognised_received = 0x030C,

    audit_action_recorded = 0x0401,

    message_recorded = 0x0501,
    appointment_recorded = 0x0502,

    external_event_recorded = 0x0601,

    subject_erased = 0x0701,
    personal_data_read = 0x0702,

    platform_account_created = 0x0801,
    platform_policy_updated = 0x0802,
    worker_reported = 0x0803,

    rollout_created = 0x0901,
    rollout_stage_changed = 0x0902,
    check_sealed = 0x0903,
    verdict_reached = 0x0904,
    gate_result_recorded = 0x0905,
    rollout_overridden = 0x0906,
    baseline_frozen = 0x0907,
    rollout_command_ran = 0x0908,
    drill_recorded = 0x0909,
};

/// Who may cause an event of a type. `ours`: only decklog itself, so its name is reserved for
/// everyone outside. `external`: carries what services send, under their own action or type names.
enum class Writer : std::uint8_t { ours, external };

struct TypeInfo {
    EventType type;
    std::string_view name;    // TokenCreated; message.recorded for record types
    std::string_view action;  // token_created; empty for external carriers
    std::uint16_t schema_version;
    Writer writer;
    bool audited;             // our own actions that count in the audit views
    std::uint32_t level = 1;  // of the log: no event of this type stands in a log below it
};

[[nodiscard]] std::span<const TypeInfo> all_types();
/// nullptr: a type of a newer build.
[[nodiscard]] const TypeInfo* find_type(std::uint32_t type);
[[nodiscard]] const TypeInfo* find_type_by_name(std::string_view name);
/// May a log of this level hold an event of this type? The event that raises the level always may.
[[nodiscard]] constexpr bool level_allows(std::uint32_t log_level, const TypeInfo& type) {
    return type.level <= log_level || type.type == EventType::level_raised;
}
[[nodiscard]] constexpr Family family_of(std::uint32_t type) {
    return static_cast<Family>((type >> 8U) & 0xFFU);
}

/// A CloudEvents type or audit action that only decklog may write (403 reserved_type). Both the
/// type name
/// (`TokenCreated`) and the action name (`token_created`) of every `ours` row are reserved, in any
/// letter case. Not so an action that services have under the same name (platform_policy_updated):
/// what they say of their own stays theirs to say, and is told apart by its type.
[[nodiscard]] bool is_reserved_name(std::string_view name);
/// Reserved besides those: the carriers' names as actions, and types that later releases write.
[[nodiscard]] std::span<const std::string_view> reserved_besides();

/// Actions of the services behind the runbooks (facts: lease-bot §2). Unknown actions are welcome;
/// these are counted.
struct ActionInfo {
    std::string_view action;
    bool critical;  // counted by auditBy*
    bool failure;   // counted by platformFailures
    bool error;     // listed in recentErrors
};
[[nodiscard]] std::span<const ActionInfo> known_actions();
[[nodiscard]] const ActionInfo* find_action(std::string_view action);

}  // namespace decklog::domain
