#include "domain/audit/clear_details.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace decklog::domain::clear_details_test {

using Keys = std::vector<std::string>;

SplitDetails split(std::vector<DetailLeaf> leaves) { return split_details(leaves); }

/// The one leaf is copied as it stands and nothing needs sealing.
void expect_clear(Keys keys, std::string_view token) {
    const SplitDetails result = split({{keys, token}});
    EXPECT_FALSE(result.needs_sealing) << keys.back() << " " << token;
    ASSERT_EQ(result.known.size(), 1U) << keys.back() << " " << token;
    EXPECT_EQ(result.known.front().value, token);
}

void expect_sealed(Keys keys, std::string_view token) {
    const SplitDetails result = split({{keys, token}});
    EXPECT_TRUE(result.needs_sealing) << keys.back() << " " << token;
    EXPECT_TRUE(result.known.empty()) << keys.back() << " " << token;
}

TEST(ClearDetails, TheTableIsSortedForItsSearch) {
    EXPECT_TRUE(std::is_sorted(clear_paths().begin(), clear_paths().end()));
    EXPECT_EQ(clear_paths().size(), 17U);
}

TEST(ClearDetails, KnowsEveryPathOfTheTable) {
    for (const std::string_view path :
         {"platform", "stage", "reason", "escalationReasonCode", "outcome", "workflowOutcome",
          "decision.reason", "decision.eligible", "provider", "retry.attempts",
          "previous.workflowState", "next.showingState", "linkage.resolved", "linkage.strategy",
          "conversationId", "conversation.id", "platformPolicy.platform", "delivery.platform"}) {
        EXPECT_TRUE(is_clear_path(path)) << path;
    }
}

TEST(ClearDetails, KnowsNoOtherPath) {
    for (const std::string_view path : {"",
                                        "error",
                                        "body",
                                        "Platform",
                                        "platform ",
                                        "decision",
                                        "decision.",
                                        "decision.*",
                                        "*",
                                        ".*",
                                        "decision.reason.text",
                                        "linkage",
                                        "linkage.attempted",
                                        "linkage.attempted.unitNumber",
                                        "conversation",
                                        "conversation.title",
                                        "platformPolicy.credentials",
                                        "delivery.externalMessageId",
                                        "retry",
                                        "x.platform"}) {
        EXPECT_FALSE(is_clear_path(path)) << path;
    }
}

TEST(ClearDetails, CopiesTokensAsTheyWereWritten) {
    expect_clear({"platform"}, R"("spareroom")");
    expect_clear({"reason"}, R"("caf\u00e9 closed")");
    expect_clear({"retry", "attempts"}, "1.10");
    expect_clear({"decision", "eligible"}, "false");
    expect_clear({"next", "followUpStage"}, "null");
    expect_clear({"next", "followUpDueAt"}, R"("2026-11-25T17:00:00.000Z")");
    expect_clear({"stage"}, R"("")");
}

TEST(ClearDetails, SealsEverythingElse) {
    expect_sealed({"error"}, R"("connect ECONNREFUSED for bob@example.com")");
    expect_sealed({"inboundBody"}, R"("call me on 650 555 1234")");
    expect_sealed({"confidence"}, "0.9");
    expect_sealed({"linkage", "attempted", "unitNumber"}, R"("4B")");
}

TEST(ClearDetails, SealsObjectsAndArraysAtClearPaths) {
    expect_sealed({"reason"}, R"(["free","text"])");
    expect_sealed({"stage"}, "{}");
    expect_sealed({"decision", "reason"}, "[]");
    expect_sealed({"decision", "reason", "text"}, R"("deep")");
    expect_sealed({"decision"}, R"("flat")");
}

TEST(ClearDetails, SealsProseBelowAWildcard) {
    expect_sealed({"decision", "reason"}, R"("Bob said he hates it")");
    expect_sealed({"previous", "state"}, R"("bob@example.com")");
    expect_sealed({"next", "state"}, R"("esc\u0061ped")");
    expect_clear({"decision", "reason"}, R"("escalate_low_confidence_human_required")");
    expect_clear({"next", "followUpOwnerAgentId"}, R"("0f8fad5b-d9cb-469f-a165-70867728950e")");
}

TEST(ClearDetails, SealsInventedKeysThatAnnounceProseOrAPerson) {
    for (const std::string key :
         {"error", "lastError", "ERROR_TEXT", "message", "leadName", "email", "phoneNumber",
          "leadContact", "note", "accessToken", "body"}) {
        expect_sealed({"retry", key}, R"("16505551234")");
        expect_sealed({"previous", key}, "16505551234");
    }
}

TEST(ClearDetails, SealsInventedKeysThatAreNoIdentifiers) {
    expect_sealed({"previous", "Alice Smith"}, "true");
    expect_sealed({"previous", "alice@example"}, "true");
    expect_sealed({"previous", ""}, "true");
    expect_sealed({"previous",
                   "stra\xC3\x9F"
                   "e"},
                  "true");
    expect_sealed({"previous", std::string(65, 'k')}, "true");
    expect_clear({"previous", std::string(64, 'k')}, "true");
}

TEST(ClearDetails, NeverTakesAKeyWithDotsForAPath) {
    expect_sealed({"decision.reason"}, R"("escalate_x")");
    expect_sealed({"conversation.id"}, R"("c1")");
    expect_sealed({"decision", "a.b"}, "1");
    expect_sealed({"platform", ""}, "1");
}

TEST(ClearDetails, SealsTokensThatAreTooLong) {
    const std::string fits = '"' + std::string(kClearDetailBytesMax - 2, 'x') + '"';
    const std::string too_long = '"' + std::string(kClearDetailBytesMax - 1, 'x') + '"';
    expect_clear({"reason"}, fits);
    expect_sealed({"reason"}, too_long);
    expect_sealed({"retry", "attempts"}, std::string(kClearDetailBytesMax + 1, '9'));
    expect_sealed({"reason"}, "");
}

TEST(ClearDetails, OfARepeatedPathCopiesTheLastAndSealsAll) {
    const SplitDetails result = split({{{"reason"}, R"("first")"}, {{"reason"}, R"("second")"}});
    EXPECT_TRUE(result.needs_sealing);
    EXPECT_EQ(result.known, (std::vector<ClearDetail>{{"reason", R"("second")"}}));
}

TEST(ClearDetails, CopiesWhatItMayFromDetailsThatNeedSealing) {
    const SplitDetails result = split({{{"stage"}, R"("dispatch_outbound_message")"},
                                       {{"error"}, R"("socket hang up")"},
                                       {{"platform"}, R"("roomies")"},
                                       {{"retry", "attempts"}, "3"}});
    EXPECT_TRUE(result.needs_sealing);
    EXPECT_EQ(result.known,
              (std::vector<ClearDetail>{{"platform", R"("roomies")"},
                                        {"retry.attempts", "3"},
                                        {"stage", R"("dispatch_outbound_message")"}}));
}

TEST(ClearDetails, NoDetailsNeedNoSealing) {
    const SplitDetails result = split({});
    EXPECT_FALSE(result.needs_sealing);
    EXPECT_TRUE(result.known.empty());
}

RC_GTEST_PROP(ClearDetailsProperty, CopiesOnlyWhatTheTableNamesAndNeverLosesALeaf, ()) {
    const auto key = rc::gen::element<std::string>(
        "platform", "reason", "decision", "retry", "error", "linkage", "resolved", "id",
        "conversation", "a.b", "", "Bob Smith", "leadName");
    const auto token = rc::gen::element<std::string>("1", "true", R"("word")", R"("two words")",
                                                     "[1]", "{}", R"("@x")");
    const auto keys = *rc::gen::container<std::vector<Keys>>(
        rc::gen::resize(3, rc::gen::nonEmpty(rc::gen::container<Keys>(key))));
    std::vector<std::string> tokens;
    for (std::size_t i = 0; i < keys.size(); ++i) tokens.push_back(*token);
    std::vector<DetailLeaf> leaves;
    for (std::size_t i = 0; i < keys.size(); ++i) leaves.push_back({keys[i], tokens[i]});

    const SplitDetails result = split_details(leaves);
    for (const ClearDetail& known : result.known) {
        RC_ASSERT(is_clear_path(known.path));
        RC_ASSERT(known.path.find("Name") == std::string::npos);
        RC_ASSERT(known.value.front() != '[' && known.value.front() != '{');
    }
    RC_ASSERT(result.needs_sealing == (result.known.size() < leaves.size()));
}

}  // namespace decklog::domain::clear_details_test
