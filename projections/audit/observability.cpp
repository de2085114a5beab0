#include "projections/audit/observability.hpp"

#include <algorithm>
#include <initializer_list>

#include "projections/audit/audit_rows.hpp"
#include "projections/audit/ranking.hpp"
#include "projections/audit/recent.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/ordered_bytes.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections {
namespace {

using audit::Direction;
using audit::Group;
using audit::Review;
using audit::WindowCounts;
using counting::Words;

struct Bounds {
    std::int64_t first, last, otherwise;
};
constexpr Bounds kWindowHours{1, 168, 24};
constexpr Bounds kAuditLimit{1, 200, 50};
constexpr Bounds kErrorLimit{1, 200, 25};
constexpr Bounds kSignalLimit{1, 100, 25};

std::int64_t clamp(std::int64_t number, const Bounds& bounds) {
    return std::clamp(number, bounds.first, bounds.last);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t clamp(std::optional<std::string_view> text, const Bounds& bounds) {
    if (!text) return bounds.otherwise;
    std::string_view digits = *text;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
        return bounds.otherwise;
    if (negative) return bounds.first;
    std::int64_t number = 0;
    for (const char digit : digits) number = std::min(bounds.last, number * 10 + (digit - '0'));
    return clamp(number, bounds);
}

class Metrics {
  public:
    Metrics(const RowReader& rows, const Words& words, const WindowCounts& counts)
        : rows_(rows), words_(words), counts_(counts) {}

    [[nodiscard]] CoreMetrics read() const {
        CoreMetrics metrics;
        for (const Review review : kReviews) {
            metrics.inbound_messages += messages(Direction::inbound, review);
            metrics.outbound_messages += messages(Direction::outbound, review);
        }
        metrics.outbound_sent = messages(Direction::outbound, Review::sent);
        metrics.outbound_draft = messages(Direction::outbound, Review::draft);
        metrics.outbound_hold = messages(Direction::outbound, Review::hold);
        metrics.outbound_pending_review = pending_review();
        metrics.ai_decisions = actions({"ai_reply_decision"});
        metrics.ai_replies_created = actions({"ai_reply_created"});
        metrics.ai_replies_skipped = actions({"ai_reply_skipped"});
        metrics.ai_escalations = actions({"ai_reply_escalated"});
        metrics.ai_reply_errors = actions({"ai_reply_error"});
        metrics.platform_dispatch_errors = actions({"platform_dispatch_error"});
        metrics.platform_dispatch_dlq = actions({"platform_dispatch_dlq"});
        metrics.booking_created = actions({"showing_booking_created"});
        metrics.booking_replayed = actions({"showing_booking_replayed"});
        metrics.booking_conflicts =
            actions({"showing_booking_conflict", "showing_booking_idempotency_conflict",
                     "showing_booking_failed"});
        metrics.admin_review_decisions =
            actions({"inbox_message_approved", "inbox_message_rejected"});
        counts_.of(Group::action).each([&](std::uint32_t, std::int64_t count) {
            metrics.audit_events += count;
        });
        return metrics;
    }

  private:
    static constexpr Review kReviews[] = {Review::fresh, Review::draft, Review::sent, Review::hold,
                                          Review::other};

    [[nodiscard]] std::int64_t messages(Direction direction, Review review) const {
        return counts_.count(Group::message, audit::message_slot(direction, review));
    }
    [[nodiscard]] std::int64_t actions(std::initializer_list<std::string_view> names) const {
        std::int64_t sum = 0;
        for (const std::string_view name : names) {
            const std::uint32_t number = words_.number(audit::books::kActions, name);
            if (number != 0) sum += counts_.count(Group::action, number);
        }
        return sum;
    }
    [[nodiscard]] std::int64_t pending_review() const {
        const auto totals = rows_.get(std::string(1, audit::kMessageTotals));
        if (!totals) return 0;
        std::int64_t pending = 0;
        CountReader reader(*totals);
        while (const auto total = reader.next()) {
            const std::uint32_t slot = counting::slot_in(total->key).number;
            if (slot == audit::message_slot(Direction::outbound, Review::draft) ||
                slot == audit::message_slot(Direction::outbound, Review::hold)) {
                pending += total->count;
            }
        }
        return pending;
    }

    const RowReader& rows_;
    const Words& words_;
    const WindowCounts& counts_;
};

class SignalLists {
  public:
    SignalLists(const Words& words, const WindowCounts& counts, std::size_t limit)
        : words_(words), counts_(counts), limit_(limit) {}

    [[nodiscard]] Signals read() const {
        Signals signals;
        signals.escalation_reasons = keys(Group::reason, audit::kAllRanks);
        signals.bookings_by_status = keys(Group::booking_status, audit::kAllRanks);
        signals.bookings_by_platform = keys(Group::booking_platform, audit::kAllRanks);
        for (const auto& [text, count] : ranked(Group::failure, audit::kAllRanks)) {
            RowBytes parts(text);
            FailureCount failure;
            failure.platform = counting::ordered_text(parts);
            failure.stage = counting::ordered_text(parts);
            failure.action = counting::ordered_text(parts);
            failure.count = count;
            signals.platform_failures.push_back(std::move(failure));
        }
        signals.audit_by_platform = keys(Group::platform, limit_);
        for (const auto& [text, count] : ranked(Group::agent, limit_)) {
            RowBytes parts(text);
            AgentCount agent;
            agent.actor_type = counting::ordered_text(parts);
            agent.agent_id = counting::ordered_text(parts);
            agent.count = count;
            signals.audit_by_agent.push_back(std::move(agent));
        }
        signals.audit_by_conversation = keys(Group::conversation, limit_);
        return signals;
    }

  private:
    [[nodiscard]] std::vector<audit::Ranked> ranked(Group group, std::size_t limit) const {
        return audit::ranked(words_, audit::book_of(group), counts_.of(group), limit);
    }
    [[nodiscard]] std::vector<KeyCount> keys(Group group, std::size_t limit) const {
        std::vector<KeyCount> counts;
        for (auto& [text, count] : ranked(group, limit)) counts.push_back({std::move(text), count});
        return counts;
    }

    const Words& words_;
    const WindowCounts& counts_;
    std::size_t limit_;
};

}  // namespace

std::int64_t clamp_window_hours(std::optional<std::string_view> text) {
    return clamp(text, kWindowHours);
}
std::int64_t clamp_audit_limit(std::optional<std::string_view> text) {
    return clamp(text, kAuditLimit);
}
std::int64_t clamp_error_limit(std::optional<std::string_view> text) {
    return clamp(text, kErrorLimit);
}
std::int64_t clamp_signal_limit(std::optional<std::string_view> text) {
    return clamp(text, kSignalLimit);
}

Observability observability(const RowReader& audit_rows, const ObservabilityQuery& query) {
    Observability answer;
    answer.window_hours = clamp(query.window_hours, kWindowHours);
    const counting::Window window{query.as_of_us - answer.window_hours * counting::kHourMicros};
    const WindowCounts counts(audit_rows, window, audit::Actions::critical);
    const Words words(audit_rows);
    answer.core_metrics = Metrics(audit_rows, words, counts).read();
    const auto limit = [](std::int64_t number, const Bounds& bounds) {
        return static_cast<std::size_t>(clamp(number, bounds));
    };
    answer.signals = SignalLists(words, counts, limit(query.signal_limit, kSignalLimit)).read();
    answer.recent_errors = audit::recent_errors(audit_rows, limit(query.error_limit, kErrorLimit));
    answer.recent_audit = audit::recent_audit(audit_rows, limit(query.audit_limit, kAuditLimit));
    return answer;
}

}  // namespace decklog::projections
