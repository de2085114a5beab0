#include "projections/audit/observability_merge.hpp"

#include <algorithm>

#include "projections/audit/merged_ranks.hpp"

namespace decklog::projections::audit {
namespace {

using Partitions = std::span<const PartitionSnapshot>;

constexpr std::size_t kAll = 0;

CoreMetrics sum_of(Partitions partitions) {
    constexpr std::int64_t CoreMetrics::*kNumbers[] = {
        &CoreMetrics::inbound_messages,       &CoreMetrics::outbound_messages,
        &CoreMetrics::outbound_sent,          &CoreMetrics::outbound_draft,
        &CoreMetrics::outbound_hold,          &CoreMetrics::outbound_pending_review,
        &CoreMetrics::ai_decisions,           &CoreMetrics::ai_replies_created,
        &CoreMetrics::ai_replies_skipped,     &CoreMetrics::ai_escalations,
        &CoreMetrics::ai_reply_errors,        &CoreMetrics::platform_dispatch_errors,
        &CoreMetrics::platform_dispatch_dlq,  &CoreMetrics::booking_created,
        &CoreMetrics::booking_replayed,       &CoreMetrics::booking_conflicts,
        &CoreMetrics::admin_review_decisions, &CoreMetrics::audit_events,
    };
    static_assert(sizeof(CoreMetrics) == std::size(kNumbers) * sizeof(std::int64_t),
                  "every number is added");
    CoreMetrics sum;
    for (const PartitionSnapshot& partition : partitions) {
        for (const auto number : kNumbers) sum.*number += partition.core_metrics.*number;
    }
    return sum;
}

template <class Item>
std::vector<Item> ranks_of(Partitions partitions, std::vector<Item> Signals::*list,
                           std::size_t limit) {
    std::vector<const std::vector<Item>*> lists;
    for (const PartitionSnapshot& partition : partitions)
        lists.push_back(&(partition.signals.*list));
    return merged_ranks(lists, limit);
}

std::vector<domain::Position> newest_of(Partitions partitions,
                                        std::vector<Recent> PartitionSnapshot::*list,
                                        std::size_t limit) {
    std::vector<Recent> all;
    for (const PartitionSnapshot& partition : partitions)
        all.insert(all.end(), (partition.*list).begin(), (partition.*list).end());
    // Partition after partition, each newest first: equal times stay in that order.
    std::stable_sort(all.begin(), all.end(), [](const Recent& left, const Recent& right) {
        return left.at_us > right.at_us;
    });
    std::vector<domain::Position> positions;
    for (const Recent& recent : all) {
        if (positions.size() == limit) break;
        positions.push_back(recent.position);
    }
    return positions;
}

}  // namespace

Observability merged(Partitions partitions, const SnapshotLimits& limits) {
    Observability answer;
    answer.core_metrics = sum_of(partitions);
    Signals& signals = answer.signals;
    signals.escalation_reasons = ranks_of(partitions, &Signals::escalation_reasons, kAll);
    signals.bookings_by_status = ranks_of(partitions, &Signals::bookings_by_status, kAll);
    signals.bookings_by_platform = ranks_of(partitions, &Signals::bookings_by_platform, kAll);
    signals.platform_failures = ranks_of(partitions, &Signals::platform_failures, kAll);
    signals.audit_by_platform = ranks_of(partitions, &Signals::audit_by_platform, limits.signals);
    signals.audit_by_agent = ranks_of(partitions, &Signals::audit_by_agent, limits.signals);
    signals.audit_by_conversation =
        ranks_of(partitions, &Signals::audit_by_conversation, limits.signals);
    answer.recent_errors = newest_of(partitions, &PartitionSnapshot::errors, limits.errors);
    answer.recent_audit = newest_of(partitions, &PartitionSnapshot::audit, limits.audit);
    return answer;
}

}  // namespace decklog::projections::audit
