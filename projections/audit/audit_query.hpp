// `decklog audit` and GET /api/audit: how many audited actions a platform, an agent, a conversation
// or an action had in a window. All audited actions count; `critical` keeps those that the
// snapshot's auditBy lists count. Windows are by occurred_at, exact to the microsecond. Without
// filters the pyramid answers; with filters of another dimension the events of the window are read
// one by one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projections/rows.hpp"

namespace decklog::projections {

enum class AuditBy : std::uint8_t { platform, agent, conversation, action };
[[nodiscard]] std::optional<AuditBy> audit_by_from_text(std::string_view text);
[[nodiscard]] std::string_view to_text(AuditBy by);

/// Filters of one kind are "any of", of different kinds "all of". `unknown` matches what was
/// missing or empty.
struct AuditQuery {
    AuditBy by = AuditBy::platform;
    std::int64_t since_us = 0;               // inclusive
    std::optional<std::int64_t> until_us{};  // exclusive; absent: no upper bound
    bool critical = false;
    std::vector<std::string> platforms{};
    std::vector<std::string> actions{};
    std::vector<std::string> actors{};  // actor id
    std::vector<std::string> conversations{};
    std::size_t limit = 0;  // 0: all
};

struct AuditCount {
    std::string key;         // platform, agent id, conversation or action
    std::string actor_type;  // only by agent
    std::int64_t count = 0;
    auto operator<=>(const AuditCount&) const = default;
};

struct AuditCounts {
    std::vector<AuditCount> items;  // count desc, then bytewise (agents: type, id)
    std::int64_t total = 0;         // of all keys, whatever the limit
    bool operator==(const AuditCounts&) const = default;
};

/// `audit_rows`: rows of the audit view, by partition. Any thread.
[[nodiscard]] AuditCounts audit_counts(std::span<const RowReader* const> audit_rows,
                                       const AuditQuery& query);
/// The same of one partition alone.
[[nodiscard]] AuditCounts audit_counts(const RowReader& audit_rows, const AuditQuery& query);
/// Counts of several partitions, each of them whole, as those of all: added by key, then ranked.
/// The first `limit` of them, 0: all.
[[nodiscard]] AuditCounts merged(std::span<const AuditCounts> partitions, std::size_t limit);

/// `90s`, `45m`, `24h`, `7d`: microseconds; nullopt: not such a text, zero, or more than 366 days.
[[nodiscard]] std::optional<std::int64_t> window_us_from_text(std::string_view text);

}  // namespace decklog::projections
