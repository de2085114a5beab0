#include "projections/baselines/work_table.hpp"

#include <algorithm>
#include <array>

namespace decklog::projections::baseline {
namespace {

using Name = std::string_view;

constexpr std::array kReplyAttempts{Name("ai_reply_decision"),
                                    Name("ai_reply_escalated"),
                                    Name("ai_reply_human_required_queued"),
                                    Name("ai_reply_send_attempted"),
                                    Name("ai_reply_draft_created"),
                                    Name("ai_reply_created"),
                                    Name("ai_reply_skipped")};
constexpr std::array kReplyFailures{Name("ai_reply_error")};

constexpr std::array kDispatchAttempts{
    Name("ai_reply_send_attempted"), Name("ai_reply_draft_created"), Name("platform_dispatch_sent"),
    Name("inbox_manual_reply_dispatched")};
constexpr std::array kDispatchFailures{Name("platform_dispatch_error"),
                                       Name("platform_dispatch_dlq")};

constexpr std::array kBookingAttempts{
    Name("showing_booking_created"), Name("showing_booking_replayed"),
    Name("showing_booking_conflict"), Name("showing_booking_idempotency_conflict"),
    Name("showing_booking_slot_unavailable")};
constexpr std::array kBookingFailures{Name("showing_booking_failed")};

constexpr std::array kDraftAttempts{Name("inbox_draft_saved"),
                                    Name("inbox_manual_reply_dispatched")};
constexpr std::array kDraftFailures{Name("inbox_draft_error")};

constexpr std::array kReviewAttempts{Name("inbox_message_approved"),
                                     Name("inbox_message_rejected")};
constexpr std::array kReviewFailures{Name("inbox_message_error")};

constexpr std::array kRequestFailures{Name("api_error")};

constexpr std::array kWorks{Work{"reply", kReplyAttempts, kReplyFailures},
                            Work{"dispatch", kDispatchAttempts, kDispatchFailures},
                            Work{"booking", kBookingAttempts, kBookingFailures},
                            Work{"draft", kDraftAttempts, kDraftFailures},
                            Work{"review", kReviewAttempts, kReviewFailures},
                            Work{"request", {}, kRequestFailures}};

bool has(std::span<const Name> names, Name name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::span<const Work> works() { return kWorks; }

bool is_counted(std::string_view action) {
    return std::any_of(kWorks.begin(), kWorks.end(), [action](const Work& work) {
        return has(work.attempts, action) || has(work.failures, action);
    });
}

}  // namespace decklog::projections::baseline
