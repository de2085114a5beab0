// Which audited actions are attempts at a piece of work and which say that it failed. A failure
// rate needs both: the units that were handled, and the distinct ones among them that failed. A
// failure is itself an attempt of its unit, so failed <= attempted.
//
//   work       attempts                                                                fails as
//   reply      an inbound message was judged: ai_reply_decision, _escalated, ai_reply_error
//              _human_required_queued, _send_attempted, _draft_created, _created, _skipped
//   dispatch   the dispatch guard was passed, to send or to store a draft (a shadow
//   platform_dispatch_error,
//              cohort only drafts): ai_reply_send_attempted, ai_reply_draft_created,
//              platform_dispatch_dlq platform_dispatch_sent, inbox_manual_reply_dispatched
//   booking    showing_booking_created, _replayed, _conflict, showing_booking_failed
//              _idempotency_conflict, _slot_unavailable
//   draft      inbox_draft_saved, inbox_manual_reply_dispatched inbox_draft_error review
//   inbox_message_approved, _rejected                                        inbox_message_error
//   request    none is audited, so every unit known has failed                          api_error
//
// Not attempts: what was blocked before any work began (ai_reply_policy_blocked,
// ai_reply_test_allowlist_blocked), suppressed duplicates, and what follows from a failure already
// counted (ai_reply_dispatch_escalated). Pure, any thread.
#pragma once

#include <span>
#include <string_view>

namespace decklog::projections::baseline {

struct Work {
    std::string_view name;
    std::span<const std::string_view> attempts;
    std::span<const std::string_view> failures;
};
[[nodiscard]] std::span<const Work> works();

/// Does any work count this action?
[[nodiscard]] bool is_counted(std::string_view action);

}  // namespace decklog::projections::baseline
