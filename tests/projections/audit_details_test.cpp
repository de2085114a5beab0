// Clear details are read as SQL reads JSON: what is text, what is missing, what is neither.
#include "projections/audit/clear_details.hpp"

#include <gtest/gtest.h>

namespace decklog::projections::audit_details_test {

using audit::CountedDetails;
using audit::DetailText;
using audit::escalation_reason;
using audit::sql_text;

TEST(AuditDetails, StringsLoseTheirQuotesAndEscapes) {
    EXPECT_EQ(sql_text(R"("pipeline")").text, "pipeline");
    EXPECT_EQ(sql_text(R"("a \"b\" \\ \u00e9 \ud83d\ude00 \n")").text,
              "a \"b\" \\ \xC3\xA9 \xF0\x9F\x98\x80 \n");
    EXPECT_EQ(sql_text(R"("null")").kind, DetailText::Kind::text);
    EXPECT_EQ(sql_text(R"("")").text, "");
    EXPECT_EQ(sql_text(" \"x\" ").text, "x");
}

TEST(AuditDetails, NumbersAndOtherTokensStayAsWritten) {
    for (const char* token : {"7", "-0.50", "1e3", "12345678901234567890123", "true", "false",
                              "[1, 2]", R"({"a": 1})"}) {
        EXPECT_EQ(sql_text(token).kind, DetailText::Kind::text) << token;
        EXPECT_EQ(sql_text(token).text, token);
    }
}

TEST(AuditDetails, NullIsMissing) { EXPECT_EQ(sql_text("null").kind, DetailText::Kind::missing); }

TEST(AuditDetails, WhatIsNotJsonIsMalformed) {
    for (const char* token : {"", " ", "nul", "\"open", "\"a\" \"b\"", "{", "'x'"}) {
        EXPECT_EQ(sql_text(token).kind, DetailText::Kind::malformed) << token;
    }
}

CountedDetails details(std::string code, std::string decision, std::string outcome) {
    CountedDetails one;
    one.escalation_reason_code = std::move(code);
    one.decision_reason = std::move(decision);
    one.outcome = std::move(outcome);
    return one;
}

TEST(AuditDetails, TheCodeComesBeforeTheDecisionsReason) {
    EXPECT_EQ(escalation_reason(details("escalate_a", "escalate_b", "")), "escalate_a");
    EXPECT_EQ(escalation_reason(details("", "escalate_b", "")), "escalate_b");
    EXPECT_EQ(escalation_reason(details("policy_send_allowed", "escalate_b", "send")),
              std::nullopt);
}

TEST(AuditDetails, AnOutcomeEscalatesWhateverTheReason) {
    EXPECT_EQ(escalation_reason(details("policy_send_allowed", "", "escalate")),
              "policy_send_allowed");
    EXPECT_EQ(escalation_reason(details("", "", "escalate")), "unknown");
    EXPECT_EQ(escalation_reason(details("", "", "Escalate")), std::nullopt);
}

TEST(AuditDetails, OnlyTheWholePrefixEscalates) {
    EXPECT_EQ(escalation_reason(details("escalate_", "", "")), "escalate_");
    EXPECT_EQ(escalation_reason(details("escalated", "", "")), std::nullopt);
    EXPECT_EQ(escalation_reason(details("no_escalate_", "", "")), std::nullopt);
}

}  // namespace decklog::projections::audit_details_test
