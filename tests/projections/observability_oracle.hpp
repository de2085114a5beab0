// The snapshot as the operations SQL states it, over plain vectors: filter, group, sort, limit.
// Written without a look at how the audit view does it, and as slow as it likes.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "projections/audit/observability.hpp"
#include "tests/projections/audit_given.hpp"

namespace decklog::projections::observability_oracle {

using audit_given::RandomTables;
using Key = std::vector<std::string>;
using Groups = std::map<Key, std::int64_t>;

inline std::string or_unknown(const std::string& text) { return text.empty() ? "unknown" : text; }
inline std::string or_unknown(const std::optional<std::string>& text) {
    return or_unknown(text.value_or(""));
}

/// The 20 actions that the audit lists count, in the words of the service.
inline bool is_critical(const std::string& action) {
    static const std::vector<std::string> names{"ai_reply_decision",
                                                "ai_reply_escalated",
                                                "ai_reply_human_required_queued",
                                                "ai_reply_created",
                                                "ai_reply_skipped",
                                                "ai_reply_error",
                                                "platform_dispatch_error",
                                                "platform_dispatch_dlq",
                                                "platform_dispatch_sent",
                                                "workflow_state_transitioned",
                                                "workflow_no_reply_recovered",
                                                "showing_booking_created",
                                                "showing_booking_replayed",
                                                "showing_booking_conflict",
                                                "showing_booking_idempotency_conflict",
                                                "showing_booking_failed",
                                                "inbox_manual_reply_dispatched",
                                                "inbox_message_approved",
                                                "inbox_message_rejected",
                                                "inbox_message_error"};
    return std::count(names.begin(), names.end(), action) > 0;
}

inline bool is_one_of(const std::string& text, std::initializer_list<const char*> texts) {
    return std::any_of(texts.begin(), texts.end(), [&](const char* one) { return text == one; });
}

/// count desc, then the key parts in the order given.
inline std::vector<std::pair<Key, std::int64_t>> ordered(const Groups& groups, std::size_t limit) {
    std::vector<std::pair<Key, std::int64_t>> rows(groups.begin(), groups.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    if (rows.size() > limit) rows.resize(limit);
    return rows;
}

inline std::vector<KeyCount> key_counts(const Groups& groups, std::size_t limit) {
    std::vector<KeyCount> counts;
    for (const auto& [key, count] : ordered(groups, limit)) counts.push_back({key[0], count});
    return counts;
}

/// The rows of entities: of each id the newest change, of equal times the last.
template <class Change>
std::vector<Change> newest(const std::vector<Change>& changes) {
    std::map<std::string, Change> rows;
    for (const Change& change : changes) {
        const auto found = rows.find(change.id);
        if (found == rows.end() || std::tie(found->second.time_us, found->second.position) <=
                                       std::tie(change.time_us, change.position)) {
            rows.insert_or_assign(change.id, change);
        }
    }
    std::vector<Change> all;
    for (const auto& [id, change] : rows) all.push_back(change);
    return all;
}

inline std::vector<domain::Position> latest(std::vector<RandomTables::Audit> rows,
                                            std::size_t limit) {
    std::sort(rows.begin(), rows.end(), [](const auto& left, const auto& right) {
        return std::tie(left.created_us, left.position) >
               std::tie(right.created_us, right.position);
    });
    std::vector<domain::Position> positions;
    for (std::size_t i = 0; i < rows.size() && i < limit; ++i)
        positions.push_back({0, rows[i].position});
    return positions;
}

inline void count_messages(const RandomTables& tables, std::int64_t since, CoreMetrics& core) {
    for (const auto& message : newest(tables.messages)) {
        const bool outbound = message.direction == "outbound";
        const std::string status =
            !message.status.empty() ? message.status : (outbound ? "sent" : "new");
        const bool pending = outbound && is_one_of(status, {"draft", "hold"});
        if (pending) ++core.outbound_pending_review;
        if (message.sent_us < since) continue;
        ++(outbound ? core.outbound_messages : core.inbound_messages);
        if (outbound && status == "sent") ++core.outbound_sent;
        if (outbound && status == "draft") ++core.outbound_draft;
        if (outbound && status == "hold") ++core.outbound_hold;
    }
    for (const std::int64_t time : tables.chats) {
        if (time >= since) ++core.inbound_messages;
    }
}

inline void count_core(const std::string& action, CoreMetrics& core) {
    ++core.audit_events;
    if (action == "ai_reply_decision") ++core.ai_decisions;
    if (action == "ai_reply_created") ++core.ai_replies_created;
    if (action == "ai_reply_skipped") ++core.ai_replies_skipped;
    if (action == "ai_reply_escalated") ++core.ai_escalations;
    if (action == "ai_reply_error") ++core.ai_reply_errors;
    if (action == "platform_dispatch_error") ++core.platform_dispatch_errors;
    if (action == "platform_dispatch_dlq") ++core.platform_dispatch_dlq;
    if (action == "showing_booking_created") ++core.booking_created;
    if (action == "showing_booking_replayed") ++core.booking_replayed;
    if (is_one_of(action, {"showing_booking_conflict", "showing_booking_idempotency_conflict",
                           "showing_booking_failed"})) {
        ++core.booking_conflicts;
    }
    if (is_one_of(action, {"inbox_message_approved", "inbox_message_rejected"}))
        ++core.admin_review_decisions;
}

inline Observability observability(const RandomTables& tables, const ObservabilityQuery& query) {
    const std::int64_t since = query.as_of_us - query.window_hours * audit_given::kHour;
    const auto signal_limit = static_cast<std::size_t>(query.signal_limit);
    constexpr std::size_t kAll = 1'000'000;
    Observability answer;
    answer.window_hours = query.window_hours;
    count_messages(tables, since, answer.core_metrics);

    Groups reasons, statuses, booked, failures, platforms, agents, conversations;
    std::vector<RandomTables::Audit> errors;
    for (const auto& row : tables.audits) {
        if (is_one_of(row.action,
                      {"ai_reply_error", "api_error", "inbox_message_error", "inbox_draft_error",
                       "platform_dispatch_error", "showing_booking_failed"})) {
            errors.push_back(row);
        }
        if (row.created_us < since) continue;
        count_core(row.action, answer.core_metrics);
        if (is_one_of(row.action,
                      {"ai_reply_decision", "ai_reply_escalated", "ai_reply_skipped"})) {
            const std::string reason = row.reason_code && !row.reason_code->empty()
                                           ? *row.reason_code
                                           : row.decision_reason.value_or("");
            if (reason.rfind("escalate_", 0) == 0 || row.outcome == "escalate")
                ++reasons[{or_unknown(reason)}];
        }
        if (is_one_of(row.action, {"platform_dispatch_error", "platform_dispatch_dlq",
                                   "ai_reply_error", "api_error", "showing_booking_failed"})) {
            ++failures[{or_unknown(row.platform), or_unknown(row.stage), row.action}];
        }
        if (!is_critical(row.action)) continue;
        ++platforms[{or_unknown(row.platform)}];
        ++agents[{or_unknown(row.actor_type), or_unknown(row.actor_id)}];
        ++conversations[{or_unknown(row.conversation)}];
    }
    for (const auto& appointment : newest(tables.appointments)) {
        if (appointment.created_us < since) continue;
        ++statuses[{or_unknown(appointment.status)}];
        ++booked[{or_unknown(appointment.platform)}];
    }
    Signals& signals = answer.signals;
    signals.escalation_reasons = key_counts(reasons, kAll);
    signals.bookings_by_status = key_counts(statuses, kAll);
    signals.bookings_by_platform = key_counts(booked, kAll);
    for (const auto& [key, count] : ordered(failures, kAll)) {
        signals.platform_failures.push_back({key[0], key[1], key[2], count});
    }
    signals.audit_by_platform = key_counts(platforms, signal_limit);
    for (const auto& [key, count] : ordered(agents, signal_limit)) {
        signals.audit_by_agent.push_back({key[1], key[0], count});
    }
    signals.audit_by_conversation = key_counts(conversations, signal_limit);
    answer.recent_errors = latest(errors, static_cast<std::size_t>(query.error_limit));
    answer.recent_audit = latest(tables.audits, static_cast<std::size_t>(query.audit_limit));
    return answer;
}

}  // namespace decklog::projections::observability_oracle
