// Commands from chat over the routes, without a platform: what is late, what is repeated, what
// takes too long, and how many at a time.
#include "api/chat_commands/chat_commands.hpp"

#include <boost/asio/post.hpp>
#include <future>

#include "api/chat_commands/limits.hpp"
#include "tests/api/support/rollout_desk.hpp"

namespace decklog::api::chat_commands_test {

using namespace decklog::api::testing;
using ingest::Platform;

class ChatCommandsTest : public RolloutInShadow {
  protected:
    ingest::ChatCommand command(const std::string& words, std::uint8_t event) {
        ingest::ChatCommand given;
        given.platform = Platform::slack;
        given.account = "default";
        given.person = "U0PILOT11";
        given.words = words;
        given.received = std::chrono::steady_clock::now();
        given.event.bytes[0] = 1;
        given.event.bytes[15] = event;
        given.dedupe_id = "sl:T0OPS:slash:" + std::to_string(event);
        given.recorded_at_us = desk_.clock().now_us();
        given.given_at_us = given.recorded_at_us;
        return given;
    }
    static std::string said(ChatCommands& chat, ingest::ChatCommand given) {
        auto told = std::make_shared<std::promise<std::string>>();
        chat.take(std::move(given), [told](const ingest::Spoken& spoken) {
            told->set_value(spoken.text + spoken.unavailable);
        });
        auto text = told->get_future();
        if (text.wait_for(std::chrono::seconds(20)) != std::future_status::ready) return "nothing";
        return text.get();
    }
    std::string say(const std::string& words, std::uint8_t event) {
        return said(chat_, command(words, event));
    }
    std::string stage() { return std::string(get("/api/rollouts/r1").at("stage").as_string()); }

    const std::vector<Operator> operators_{{"pilot", Role::operator_, {"slack:U0PILOT11"}},
                                           {"watch", Role::viewer, {"slack:U0WATCH22"}}};
    ChatCommands chat_{desk_.core(), operators_};
};

TEST_F(ChatCommandsTest, ACommandIsCarriedOutInTheNameOfItsOperator) {
    const std::string told = say("rollout override r1 --reason 'errors were ours' --expires 2h", 1);
    EXPECT_NE(told.find("by pilot: errors were ours"), std::string::npos) << told;
    EXPECT_NE(told.find("recorded at position"), std::string::npos) << told;
    const json::object event =
        get("/api/events?action=rollout_overridden").at("items").at(0).as_object();
    EXPECT_EQ(event.at("actor").at("type"), "operator");
    EXPECT_EQ(event.at("actor").at("id"), "pilot");
    EXPECT_EQ(event.at("recordedBy"), "hook:slack:default");
    EXPECT_EQ(std::string(event.at("causationId").as_string()),
              domain::to_text(command("", 1).event));
    const json::object let = get("/api/rollouts/r1").at("override").as_object();
    EXPECT_EQ(let.at("by"), "pilot");
    EXPECT_EQ(let.at("recordedBy"), "hook:slack:default");
}

TEST_F(ChatCommandsTest, ARepeatIsAnsweredTheSameAndAppliedOnce) {
    const auto given = command("rollout override r1 --reason ours --expires 2h", 1);
    const std::string first = said(chat_, given);
    static_cast<void>(to_stage("canary", 5));
    static_cast<void>(to_stage("aborted"));
    desk_.clock().pass(3'600'000'000);  // a repeat is one, whenever it comes
    EXPECT_EQ(said(chat_, given), first);
    EXPECT_EQ(get("/api/events?action=rollout_overridden").at("items").as_array().size(), 1U);
}

TEST_F(ChatCommandsTest, NothingIsCarriedOutLate) {
    const auto given = command("rollout stage r1 rolled_back", 1);
    desk_.clock().pass(limits::kChatCarriedOutWithinUs + 1);
    const std::string told = said(chat_, given);
    EXPECT_NE(told.find("asked for too long ago"), std::string::npos) << told;
    EXPECT_EQ(stage(), "shadow");
    EXPECT_NE(say("rollout stage r1 rolled_back", 2).find("r1: rolled_back"), std::string::npos);
}

TEST_F(ChatCommandsTest, WhatItsPlatformSignedLongAgoIsLateHoweverSoonItIsCarriedOut) {
    auto given = command("rollout stage r1 rolled_back", 1);
    given.given_at_us -= limits::kChatCarriedOutWithinUs + 1;
    const std::string told = said(chat_, given);
    EXPECT_NE(told.find("asked for too long ago"), std::string::npos) << told;
    EXPECT_EQ(stage(), "shadow");
}

TEST_F(ChatCommandsTest, TheSameBodyAtAnotherEndpointIsAppliedOnce) {
    auto given = command("rollout gate r1 ci passed", 1);
    const std::string first = said(chat_, given);
    const auto again = command("", 2);
    given.account = "other";
    given.event = again.event;
    EXPECT_EQ(said(chat_, given), first);
    EXPECT_EQ(get("/api/rollouts/r1").at("gates").as_array().size(), 1U);
}

TEST_F(ChatCommandsTest, AnOptionThatIsNoTextIsNotLeftOut) {
    auto given = command("rollout stage r1 canary", 1);
    given.is_all_text = false;
    const std::string told = said(chat_, given);
    EXPECT_NE(told.find("register its options as text"), std::string::npos) << told;
    EXPECT_EQ(stage(), "shadow");
}

TEST_F(ChatCommandsTest, AViewerReadsAndDoesNotAct) {
    auto given = command("rollout show r1", 1);
    given.person = "U0WATCH22";
    EXPECT_NE(said(chat_, given).find("r1: shadow"), std::string::npos);
    for (const char* words :
         {"rollout stage r1 aborted", "gate check r1",
          "rollout override r1 --reason ours --expires 1h", "rollout gate r1 ci passed"}) {
        given.words = words;
        const std::string told = said(chat_, given);
        EXPECT_NE(told.find("takes the role operator, and yours is viewer"), std::string::npos)
            << told;
    }
    EXPECT_EQ(stage(), "shadow");
    EXPECT_EQ(get("/api/rollouts/r1").at("checks").to_number<int>(), 0);
}

TEST_F(ChatCommandsTest, SomebodyWhoIsNotListedIsToldWhatToDo) {
    auto given = command("rollout stage r1 aborted", 1);
    given.person = "U0EVE3333";
    EXPECT_NE(said(chat_, given).find("ask an administrator to list you"), std::string::npos);
    given.person = "pilot";
    EXPECT_NE(said(chat_, given).find("not listed"), std::string::npos) << "a name is nobody";
    given.person.clear();
    EXPECT_NE(said(chat_, given).find("not listed"), std::string::npos);
    EXPECT_EQ(stage(), "shadow");
}

TEST_F(ChatCommandsTest, ARefusalIsAnsweredWithItsMessage) {
    EXPECT_NE(say("rollout stage r1 canary --weight 5", 1)
                  .find("stage: the last verdict of this stage is not "
                        "promote; wait for one"),
              std::string::npos);
    EXPECT_NE(say("rollout stage r1 there", 2)
                  .find("stage: the stage is canary, full, rolled_back or aborted"),
              std::string::npos);
    EXPECT_NE(say("rollout show r9", 3).find("there is no rollout with this id"),
              std::string::npos);
    EXPECT_NE(say("rollout override r1 --reason ours --expires 8d", 4)
                  .find("expiresAt: an override ends within 7 days"),
              std::string::npos);
}

TEST_F(ChatCommandsTest, VerdictsAreExplainedAsInATerminal) {
    EXPECT_NE(say("gate status r1", 1).find("r1: continue: nothing was judged yet in shadow"),
              std::string::npos);
    traffic("shadow", 30);
    const auto given = command("gate check r1", 2);
    const std::string told = said(chat_, given);
    EXPECT_NE(told.find("r1: CONTINUE ("), std::string::npos) << told;
    EXPECT_NE(told.find("shadow, check 1"), std::string::npos) << told;
    EXPECT_EQ(say("gate status r1", 3), told) << "the same verdict";
    traffic("shadow", 30);
    EXPECT_NE(say("gate check r1", 4), told);
    EXPECT_EQ(said(chat_, given), told) << "a repeat is of its own check";
    EXPECT_EQ(get("/api/rollouts/r1").at("checks").to_number<int>(), 2);
    EXPECT_NE(say("rollout list", 5).find("r1: shadow, "), std::string::npos);
}

TEST_F(ChatCommandsTest, WhatTakesLongIsSaidInTimeAndManyAreRefused) {
    Core stuck = desk_.core();
    std::vector<std::function<void()>> waiting;
    stuck.run_blocking = [&](std::function<void()> work) { waiting.push_back(std::move(work)); };
    std::vector<std::future<std::string>> told;
    {
        ChatCommands chat(stuck, operators_);
        for (std::uint8_t i = 0; i <= limits::kChatCommandsMax; ++i) {
            auto text = std::make_shared<std::promise<std::string>>();
            told.push_back(text->get_future());
            chat.take(command("rollout show r1", i),
                      [text](const ingest::Spoken& spoken) { text->set_value(spoken.text); });
        }
        EXPECT_NE(told.back().get().find("too many commands at once"), std::string::npos);
        told.pop_back();
        for (auto& text : told) {
            ASSERT_EQ(text.wait_for(std::chrono::milliseconds(2'900)), std::future_status::ready);
            EXPECT_NE(text.get().find("still working on it"), std::string::npos);
        }
        waiting.clear();
    }
}

}  // namespace decklog::api::chat_commands_test
