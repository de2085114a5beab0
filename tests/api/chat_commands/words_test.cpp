// The words of chat: those of the command line, as requests to the routes.
#include "api/chat_commands/words.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "tests/api/route_desk.hpp"

namespace decklog::api::chat_words_test {

using chat::Order;
using chat::Shows;
using testing::kStartUs;

Order order(std::string_view text) {
    const auto read = chat::read_order(text, "U0PILOT11", kStartUs);
    EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().message);
    return read ? *read : Order{};
}
std::string refusal(std::string_view text) {
    const auto read = chat::read_order(text, "U0PILOT11", kStartUs);
    if (read) return "taken";
    EXPECT_FALSE(read.error().message.empty());
    return read.error().code + " " + read.error().field;
}
std::string posted(std::string_view text) {
    const Order made = order(text);
    EXPECT_EQ(made.method, Method::post);
    return made.path + " " + made.body;
}

TEST(ChatWords, NoneAreHelp) {
    for (const char* text : {"", "  \t", "help"}) {
        EXPECT_EQ(order(text).shows, Shows::help);
        EXPECT_TRUE(order(text).path.empty());
    }
    EXPECT_LT(chat::help_text().size(), 900U);
}

TEST(ChatWords, AskForWhatTheCommandLineAsksFor) {
    EXPECT_EQ(order("rollout list").path, "/api/rollouts");
    EXPECT_EQ(order("rollout show lease-7").path, "/api/rollouts/lease-7");
    EXPECT_EQ(order("gate status lease-7").shows, Shows::standing);
    EXPECT_EQ(order("gate status --rollout lease-7").path, "/api/rollouts/lease-7");
    EXPECT_EQ(posted("gate check lease-7"), "/api/rollouts/lease-7/check ");
    EXPECT_EQ(posted("gate check --rollout=lease-7"), "/api/rollouts/lease-7/check ");
    EXPECT_EQ(posted("rollout stage lease-7 canary --weight 5"),
              R"(/api/rollouts/lease-7/stage {"stage":"canary","weight":5E0})");
    EXPECT_EQ(posted("rollout stage lease-7 rolled_back"),
              R"(/api/rollouts/lease-7/stage {"stage":"rolled_back"})");
    EXPECT_EQ(posted("rollout gate lease-7 ci passed --evidence https://ci.example.com/7"),
              R"(/api/rollouts/lease-7/gates {"name":"ci","status":"passed",)"
              R"("evidence":"https://ci.example.com/7"})");
}

TEST(ChatWords, AnOverrideEndsCountedFromItsCommand) {
    EXPECT_EQ(posted("rollout override lease-7 --reason 'errors were ours' --expires 2h"),
              R"(/api/rollouts/lease-7/override {"reason":"errors were ours",)"
              R"("expiresAt":"2025-11-25T19:00:00.000000Z"})");
}

TEST(ChatWords, AnOverrideSaysWhyAndForHowLong) {
    EXPECT_EQ(refusal("rollout override lease-7 --expires 2h"), "missing_option --reason");
    EXPECT_EQ(refusal("rollout override lease-7 --reason ours"), "missing_option --expires");
    EXPECT_EQ(refusal("rollout override lease-7 --reason ours --expires soon"),
              "invalid_duration --expires");
    EXPECT_EQ(refusal("rollout override lease-7 --reason ours --expires"),
              "missing_option --expires");
}

TEST(ChatWords, WhatAPhoneMakesOfQuotesAndDashesIsUnderstood) {
    EXPECT_EQ(posted("rollout override lease-7 —reason “errors were ours” —expires 2h"),
              posted("rollout override lease-7 --reason 'errors were ours' --expires 2h"));
}

TEST(ChatWords, RefusesWithTheWordOrOptionThatIsWrong) {
    EXPECT_EQ(refusal("rollout promote lease-7"), "unknown_command ");
    EXPECT_EQ(refusal("rollout"), "unknown_command ");
    EXPECT_EQ(refusal("help me"), "unknown_command ");
    EXPECT_EQ(refusal("rollout show"), "missing_word ID");
    EXPECT_EQ(refusal("rollout stage lease-7"), "missing_word STAGE");
    EXPECT_EQ(refusal("rollout gate lease-7 ci"), "missing_word passed or failed");
    EXPECT_EQ(refusal("rollout show a/../../b"), "invalid_name ID");
    EXPECT_EQ(refusal("gate check --rollout a/b"), "invalid_name ID");
    EXPECT_EQ(refusal("gate check a --rollout b"), "unknown_word ID");
    EXPECT_EQ(refusal("gate check --rollout --markdown"), "invalid_name ID");
    EXPECT_EQ(refusal("gate check --rollout"), "missing_option --rollout");
    EXPECT_EQ(refusal("rollout override lease-7 --reason --expires 2h"), "unknown_word ");
    EXPECT_EQ(refusal("rollout show lease-7 lease-8"), "unknown_word ");
    EXPECT_EQ(refusal("rollout show lease-7 --weight 5"), "unknown_option ");
    EXPECT_EQ(refusal("rollout stage lease-7 canary --weight 5%"), "invalid_weight --weight");
    EXPECT_EQ(refusal("rollout stage lease-7 canary --weight 5 --weight 50"),
              "unknown_option --weight");
    EXPECT_EQ(refusal("rollout show 'lease-7"), "unbalanced_quote ");
    EXPECT_EQ(refusal("rollout show \xFF"), "not_utf8 ");
    EXPECT_EQ(refusal("rollout list all"), "unknown_word ");
    EXPECT_EQ(refusal("rollout show " + std::string(4'000, 'a')), "command_too_long ");
}

TEST(ChatWords, NobodyIsNamedByTheirIdInTheOpen) {
    EXPECT_EQ(refusal("rollout override lease-7 --reason 'ask <@U0ADXQT6CRW>' --expires 2h"),
              "mentions_somebody ");
    EXPECT_EQ(refusal("rollout override lease-7 --reason 'approved, U0PILOT11' --expires 2h"),
              "mentions_somebody ");
    EXPECT_EQ(refusal("rollout gate lease-7 ci passed --evidence '<@U0ADXQT6CRW|night>'"),
              "mentions_somebody ");
    EXPECT_EQ(refusal("rollout override lease-7 --reason 'ask @night.shift' --expires 2h"),
              "mentions_somebody ");
    EXPECT_EQ(refusal("rollout override lease-7 --reason @night --expires 2h"),
              "mentions_somebody ");
    EXPECT_EQ(refusal("rollout gate lease-7 ci passed --evidence https://ci.example/@v2"), "taken")
        << "nobody is called so there";
}

}  // namespace decklog::api::chat_words_test
