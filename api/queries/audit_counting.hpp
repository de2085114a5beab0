// Counts of audited actions whatever the filters: from the audit view where it knows them, else by
// reading the events that match. Both answer in the same order: count descending, then bytewise.
// Any thread.
#pragma once

#include <span>

#include "api/queries/params.hpp"
#include "projections/audit/audit_query.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

/// Reads the log: for filters that the view keeps no rows by (type, stream, positions, account, …).
/// One filter a partition, by partition.
[[nodiscard]] domain::Result<projections::AuditCounts> count_in_log(
    const store::LogReader& log, std::span<const store::EventFilter> filters,
    const projections::AuditQuery& query);

}  // namespace decklog::api
