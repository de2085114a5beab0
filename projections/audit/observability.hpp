// The observability snapshot: what the operations SQL would return on the same rows, for any
// window, exact to the microsecond. A window is [as_of - N hours, no upper bound): an action dated
// a little ahead counts at once. Missing and empty values count as `unknown`. All lists are ordered
// bytewise.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "projections/rows.hpp"

namespace decklog::projections {

struct ObservabilityQuery {
    std::int64_t window_hours = 24;
    std::int64_t audit_limit = 50;
    std::int64_t error_limit = 25;
    std::int64_t signal_limit = 25;
    std::int64_t as_of_us = 0;
};

/// The parameters as they stand in a URL. Whole decimal numbers of any length are clamped into
/// their range; anything else (`bad`, `24.5`), empty and absent gives the default. Never an error.
[[nodiscard]] std::int64_t clamp_window_hours(std::optional<std::string_view> text);  // 24, 1-168
[[nodiscard]] std::int64_t clamp_audit_limit(std::optional<std::string_view> text);   // 50, 1-200
[[nodiscard]] std::int64_t clamp_error_limit(std::optional<std::string_view> text);   // 25, 1-200
[[nodiscard]] std::int64_t clamp_signal_limit(std::optional<std::string_view> text);  // 25, 1-100

struct CoreMetrics {
    std::int64_t inbound_messages = 0;
    std::int64_t outbound_messages = 0;
    std::int64_t outbound_sent = 0;
    std::int64_t outbound_draft = 0;
    std::int64_t outbound_hold = 0;
    std::int64_t outbound_pending_review = 0;  // draft or hold, of all time
    std::int64_t ai_decisions = 0;
    std::int64_t ai_replies_created = 0;
    std::int64_t ai_replies_skipped = 0;
    std::int64_t ai_escalations = 0;
    std::int64_t ai_reply_errors = 0;
    std::int64_t platform_dispatch_errors = 0;
    std::int64_t platform_dispatch_dlq = 0;
    std::int64_t booking_created = 0;
    std::int64_t booking_replayed = 0;
    std::int64_t booking_conflicts = 0;
    std::int64_t admin_review_decisions = 0;
    std::int64_t audit_events = 0;
    auto operator<=>(const CoreMetrics&) const = default;
};

struct KeyCount {
    std::string key;
    std::int64_t count = 0;
    auto operator<=>(const KeyCount&) const = default;
};
struct AgentCount {
    std::string agent_id;
    std::string actor_type;
    std::int64_t count = 0;
    auto operator<=>(const AgentCount&) const = default;
};
struct FailureCount {
    std::string platform;
    std::string stage;
    std::string action;
    std::int64_t count = 0;
    auto operator<=>(const FailureCount&) const = default;
};

struct Signals {
    std::vector<KeyCount> escalation_reasons;     // count desc, reason
    std::vector<KeyCount> bookings_by_status;     // count desc, status
    std::vector<KeyCount> bookings_by_platform;   // count desc, platform
    std::vector<FailureCount> platform_failures;  // count desc, platform, stage, action
    std::vector<KeyCount>
        audit_by_platform;                   // critical actions; count desc, platform; signal_limit
    std::vector<AgentCount> audit_by_agent;  // critical actions; count desc, type, id; signal_limit
    std::vector<KeyCount>
        audit_by_conversation;  // critical actions; count desc, conversation; signal_limit
    bool operator==(const Signals&) const = default;
};

struct Observability {
    std::int64_t window_hours = 0;
    CoreMetrics core_metrics;
    Signals signals;
    /// occurred_at desc, partition, ordinal desc; not windowed; error_limit
    std::vector<domain::Position> recent_errors;
    std::vector<domain::Position> recent_audit;  // the same of every audited action; audit_limit
    bool operator==(const Observability&) const = default;
};

/// `audit_rows`: rows of the audit view, by partition. The numbers of the query are clamped into
/// their ranges. Any thread.
[[nodiscard]] Observability observability(std::span<const RowReader* const> audit_rows,
                                          const ObservabilityQuery& query);
/// The same of partition 0 alone.
[[nodiscard]] Observability observability(const RowReader& audit_rows,
                                          const ObservabilityQuery& query);

}  // namespace decklog::projections
