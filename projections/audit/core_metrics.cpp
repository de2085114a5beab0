#include "projections/audit/core_metrics.hpp"

#include <initializer_list>
#include <string>
#include <string_view>

#include "projections/audit/audit_rows.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {
namespace {

using counting::Words;

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
        return counts_.count(Group::message, message_slot(direction, review));
    }
    [[nodiscard]] std::int64_t actions(std::initializer_list<std::string_view> names) const {
        std::int64_t sum = 0;
        for (const std::string_view name : names) {
            const std::uint32_t number = words_.number(books::kActions, name);
            if (number != 0) sum += counts_.count(Group::action, number);
        }
        return sum;
    }
    [[nodiscard]] std::int64_t pending_review() const {
        const auto totals = rows_.get(std::string(1, kMessageTotals));
        if (!totals) return 0;
        std::int64_t pending = 0;
        CountReader reader(*totals);
        while (const auto total = reader.next()) {
            const std::uint32_t slot = counting::slot_in(total->key).number;
            if (slot == message_slot(Direction::outbound, Review::draft) ||
                slot == message_slot(Direction::outbound, Review::hold)) {
                pending += total->count;
            }
        }
        return pending;
    }

    const RowReader& rows_;
    const Words& words_;
    const WindowCounts& counts_;
};

}  // namespace

CoreMetrics core_metrics(const RowReader& rows, const Words& words, const WindowCounts& counts) {
    return Metrics(rows, words, counts).read();
}

}  // namespace decklog::projections::audit
