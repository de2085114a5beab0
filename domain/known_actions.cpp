#include <algorithm>
#include <array>

#include "domain/registry.hpp"

namespace decklog::domain {
namespace {

struct Flags {
    bool critical = false, failure = false, error = false;
};
constexpr Flags kCritical{true, false, false};
constexpr Flags kPlain{};

constexpr ActionInfo action(std::string_view name, Flags flags) {
    return {name, flags.critical, flags.failure, flags.error};
}

constexpr std::array kActions{
    action("ai_reply_decision", kCritical),
    action("ai_reply_escalated", kCritical),
    action("ai_reply_human_required_queued", kCritical),
    action("ai_reply_send_attempted", kPlain),
    action("ai_reply_draft_created", kPlain),
    action("ai_reply_created", kCritical),
    action("ai_reply_skipped", kCritical),
    action("ai_reply_error", {true, true, true}),
    action("ai_reply_policy_blocked", kPlain),
    action("ai_reply_test_allowlist_blocked", kPlain),
    action("ai_reply_dispatch_duplicate_suppressed", kPlain),
    action("ai_reply_dispatch_escalated", kPlain),
    action("platform_dispatch_error", {true, true, true}),
    action("platform_dispatch_dlq", {true, true, false}),
    action("platform_dispatch_sent", kCritical),
    action("workflow_state_transitioned", kCritical),
    action("workflow_no_reply_recovered", kCritical),
    action("showing_workflow_outcome_synced", kPlain),
    action("showing_booking_created", kCritical),
    action("showing_booking_replayed", kCritical),
    action("showing_booking_conflict", kCritical),
    action("showing_booking_idempotency_conflict", kCritical),
    action("showing_booking_failed", {true, true, true}),
    action("showing_booking_slot_unavailable", kPlain),
    action("ingest_conversation_linkage_resolved", kPlain),
    action("ingest_conversation_linkage_unresolved", kPlain),
    action("conversation_archived_missing_from_inbox", kPlain),
    action("inbox_manual_reply_dispatched", kCritical),
    action("inbox_draft_saved", kPlain),
    action("inbox_draft_error", {false, false, true}),
    action("inbox_message_approved", kCritical),
    action("inbox_message_rejected", kCritical),
    action("inbox_message_error", {true, false, true}),
    action("platform_policy_updated", kPlain),
    action("user_invited", kPlain),
    action("user_invitation_revoked", kPlain),
    action("user_invitation_accepted", kPlain),
    action("api_error", {false, true, true}),
    action("seed_applied", kPlain),
};

// Folds ask for the action of every event, so it is found by halving.
constexpr auto kActionsByName = [] {
    auto sorted = kActions;
    std::sort(sorted.begin(), sorted.end(), [](const ActionInfo& left, const ActionInfo& right) {
        return left.action < right.action;
    });
    return sorted;
}();

}  // namespace

std::span<const ActionInfo> known_actions() { return kActions; }

const ActionInfo* find_action(std::string_view name) {
    const auto* found = std::lower_bound(
        kActionsByName.begin(), kActionsByName.end(), name,
        [](const ActionInfo& info, std::string_view sought) { return info.action < sought; });
    return found == kActionsByName.end() || found->action != name ? nullptr : found;
}

}  // namespace decklog::domain
