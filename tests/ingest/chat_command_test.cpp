// Commands as platforms have them, and words as platforms show them.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ingest/discord/answers.hpp"
#include "ingest/discord/interaction.hpp"
#include "ingest/plain_block.hpp"
#include "ingest/slack/answers.hpp"
#include "ingest/slack/interaction.hpp"
#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::chat_command_test {

std::string as_it_is(char c) { return std::string(1, c); }

std::string content_of(const HookAnswer& answer) {
    return std::string(boost::json::parse(answer.body).at("data").at("content").as_string());
}
std::string text_of(const HookAnswer& answer) {
    return std::string(boost::json::parse(answer.body).at("text").as_string());
}

std::optional<CommandAsked> asked_of(std::string_view interaction) {
    const auto parsed = parse_json(interaction);
    EXPECT_TRUE(parsed);
    return discord::command_of(parsed->if_object());
}

TEST(PlainBlock, ShowsLinesAsTheyAre) {
    EXPECT_EQ(plain_block("one\ntwo\n", 100, as_it_is), "```\none\ntwo\n```");
    EXPECT_EQ(plain_block("a ``` b\x01\x7F", 100, as_it_is), "```\na ''' b··\n```");
    EXPECT_EQ(plain_block("", 100, as_it_is), "```\n\n```");
}

TEST(PlainBlock, IsCutBetweenCodePoints) {
    for (std::size_t most = 20; most < 40; ++most) {
        const std::string text = plain_block("häfen und möwen und flöße und", most, as_it_is);
        EXPECT_LE(text.size(), most);
        EXPECT_TRUE(text.ends_with("\n```"));
        EXPECT_TRUE(boost::json::serialize(boost::json::value(text)).size() > 2);
        if (text.find("…") != std::string::npos) continue;
        EXPECT_EQ(text, "```\nhäfen und möwen und flöße und\n```");
    }
    const std::string whole(30, 'x');
    EXPECT_EQ(plain_block(whole, 38, as_it_is), "```\n" + whole + "\n```") << "it fits exactly";
    EXPECT_EQ(plain_block(whole, 37, as_it_is).size(), 37U);
}

TEST(SlackAnswer, EscapesWhatSlackReadsAndStaysShort) {
    EXPECT_EQ(text_of(slack::say("<@U1> & <!channel>")),
              "```\n&lt;@U1&gt; &amp; &lt;!channel&gt;\n```");
    const std::string text = text_of(slack::say(std::string(4'000, '&')));
    EXPECT_LE(text.size(), 2'900U) << "as written";
    EXPECT_TRUE(text.ends_with("&amp;…\n```")) << "no half of an escape";
}

TEST(DiscordAnswer, StaysWithinWhatDiscordTakes) {
    const std::string text = content_of(discord::say(std::string(4'000, 'x')));
    EXPECT_LT(text.size(), 2'000U);
    EXPECT_TRUE(text.ends_with("…\n```"));
}

TEST(DiscordCommand, IsItsSubCommandsAndValuesInOrder) {
    const auto whole = asked_of(
        R"({"type":2,"data":{"type":1,"name":"decklog","options":[{"name":"words","type":3,)"
        R"("value":"rollout show lease-7"}]},"member":{"user":{"id":"9911"}}})");
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->words, "rollout show lease-7");
    EXPECT_EQ(whole->person, "9911");
    const auto parts = asked_of(
        R"({"type":2,"data":{"name":"decklog","options":[{"name":"rollout","type":2,"options":[)"
        R"({"name":"show","type":1,"options":[{"name":"id","type":3,"value":"lease-7"}]}]}]},)"
        R"("user":{"id":"9911"}})");
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->words, "rollout show lease-7");
    EXPECT_EQ(parts->person, "9911");
    const auto none = asked_of(R"({"type":2,"data":{"name":"decklog"}})");
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->words.empty());
    EXPECT_TRUE(none->person.empty());
}

TEST(DiscordCommand, SaysWhenSomethingOfItIsNoText) {
    const auto with = [](const char* option) {
        return asked_of(R"({"type":2,"data":{"name":"decklog","options":[{"name":"rollout",)"
                        R"("type":1,"options":[)" +
                        std::string(option) + "]}]}}");
    };
    EXPECT_TRUE(with(R"({"name":"id","type":3,"value":"lease-7"})")->is_all_text);
    EXPECT_FALSE(with(R"({"name":"weight","type":4,"value":5})")->is_all_text);
    const auto somebody = with(R"({"name":"who","type":6,"value":"9911"})");
    EXPECT_FALSE(somebody->is_all_text);
    EXPECT_EQ(somebody->words, "rollout");
}

TEST(DiscordCommand, IsNoneOfAMenuOrAButton) {
    EXPECT_FALSE(asked_of(R"({"type":2,"data":{"type":2,"name":"Report","target_id":"1"}})"));
    EXPECT_FALSE(asked_of(R"({"type":3,"data":{"custom_id":"x","component_type":2}})"));
    EXPECT_FALSE(asked_of(R"({"type":4,"data":{"name":"decklog"}})"));
}

TEST(SlackCommand, IsWhatStandsBehindItsNameByWhomSlackSays) {
    const auto form = parse_form(
        "command=%2Fanything&text=rollout+show+lease-7&user_id=U0PILOT11&user_name=watch");
    ASSERT_TRUE(form);
    const CommandAsked asked = slack::command_of(*form);
    EXPECT_EQ(asked.words, "rollout show lease-7");
    EXPECT_EQ(asked.person, "U0PILOT11");
    const auto escaped = parse_form("command=%2Fx&text=R%26amp%3BD+%26lt%3B+%26amp%3Blt%3B+%26");
    ASSERT_TRUE(escaped);
    EXPECT_EQ(slack::command_of(*escaped).words, "R&D < &lt; &") << "as it was typed";
    EXPECT_TRUE(slack::command_of(*escaped).person.empty());
}

/// Notes what it is given and how long the log was then; says what a test wants.
class Taker final : public CommandTaker {
  public:
    explicit Taker(const store::LogReader& log) : log_(log) {}
    void take(ChatCommand command, Say say) override {
        taken.push_back(std::move(command));
        durable.push_back(log_.head(0).next_ordinal);
        say(spoken);
    }
    std::vector<ChatCommand> taken;
    std::vector<std::uint64_t> durable;
    Spoken spoken{"done"};

  private:
    const store::LogReader& log_;
};

class TakenCommands : public ::testing::Test {
  protected:
    TakenCommands() {
        Inbound::Options options;
        options.accounts = harbour::default_accounts();
        options.ledger = harbour_.ledger.get();
        options.vault = harbour_.vault.get();
        options.clock = &harbour_.clock;
        options.observer = &harbour_.counts;
        options.commands = &taker_;
        harbour_.inbound = Inbound::create(std::move(options));
    }
    HookAnswer slash() {
        return harbour_.post(Platform::slack,
                             "team_id=T1&channel_id=C1&user_id=U0PILOT11&command=%2Fops&text=help&"
                             "trigger_id=1.1",
                             "application/x-www-form-urlencoded");
    }
    harbour::Harbour harbour_;
    Taker taker_{*harbour_.ledger};
};

TEST_F(TakenCommands, AreHandedOverWhenTheyStandInTheLog) {
    EXPECT_EQ(text_of(slash()), "```\ndone\n```");
    ASSERT_EQ(taker_.taken.size(), 1U);
    const ChatCommand& command = taker_.taken.front();
    EXPECT_EQ(command.platform, Platform::slack);
    EXPECT_EQ(command.account, "default");
    EXPECT_EQ(command.person, "U0PILOT11");
    EXPECT_EQ(command.words, "help");
    EXPECT_GT(taker_.durable.front(), harbour_.last().position.ordinal);
    EXPECT_NE(command.event, domain::EventId{});
    EXPECT_EQ(command.given_at_us, harbour_.clock.now_us() / 1'000'000 * 1'000'000)
        << "when it was signed, to the second";
}

TEST_F(TakenCommands, AreTheSameWhenTheyComeAgain) {
    const HookAnswer first = slash();
    harbour_.clock.pass_us(60'000'000);
    EXPECT_EQ(slash().body, first.body);
    ASSERT_EQ(taker_.taken.size(), 2U);
    EXPECT_EQ(taker_.taken[1].event, taker_.taken[0].event);
    EXPECT_EQ(taker_.taken[1].recorded_at_us, taker_.taken[0].recorded_at_us);
    EXPECT_EQ(taker_.taken[1].dedupe_id, taker_.taken[0].dedupe_id);
    EXPECT_EQ(taker_.taken[1].given_at_us, taker_.taken[1].recorded_at_us)
        << "signed anew, and no later command for that";
    EXPECT_EQ(harbour_.stored().size(), 1U);
}

TEST_F(TakenCommands, WhatAnotherNodeMustCarryOutMayBeSentAgain) {
    taker_.spoken = {.text = {}, .unavailable = "not_owner"};
    const HookAnswer answer = slash();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error_code, "not_owner");
    EXPECT_TRUE(answer.body.empty());
}

TEST_F(TakenCommands, AMessageOrAForgeryIsNone) {
    harbour_.post(Platform::slack,
                  R"({"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":)"
                  R"("message","user":"U0PILOT11","text":"/ops help","ts":"1.1","channel":"C1"}})");
    auto forged = harbour::signed_delivery(
        Platform::slack, "user_id=U0PILOT11&command=%2Fops&text=help", harbour_.clock.now_us());
    forged.headers["x-slack-signature"].back() ^= 1;
    EXPECT_EQ(harbour_.post(forged).status, 401);
    EXPECT_TRUE(taker_.taken.empty());
    EXPECT_EQ(harbour_.stored().size(), 1U);
}

}  // namespace decklog::ingest::chat_command_test
