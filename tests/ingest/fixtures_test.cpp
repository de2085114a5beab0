// Every payload beside the checkout comes in, as the kind that this table says: falling silently to
// `unrecognised` fails.
#include "tests/ingest/fixtures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/ingest/harbour.hpp"
#include "tests/ingest/personal_words.hpp"

namespace decklog::ingest::fixtures_test {

using fixtures::Fixture;
using harbour::Harbour;

constexpr const char* kMessage = "MessageReceived";
constexpr const char* kUnrecognised = "UnrecognisedReceived";

/// What is not a plain message. A fixture that is not named here must come in as MessageReceived.
const std::map<std::string, std::string>& expected_types() {
    static const std::map<std::string, std::string> kTypes{
        // Telegram
        {"business_connection.json", kUnrecognised},
        {"chat_boost.json", kUnrecognised},
        {"chat_join_request.json", kUnrecognised},
        {"chosen_inline_result.json", kUnrecognised},
        {"inline_query.json", kUnrecognised},
        {"managed_bot.json", kUnrecognised},
        {"message_reaction_count.json", kUnrecognised},
        {"paid_media_purchased.json", kUnrecognised},
        {"poll.json", kUnrecognised},
        {"poll_answer.json", kUnrecognised},
        {"pre_checkout_query.json", kUnrecognised},
        {"removed_chat_boost.json", kUnrecognised},
        {"shipping_query.json", kUnrecognised},
        {"subscription.json", kUnrecognised},
        {"callback_query.json", "ComponentUsed"},
        {"callback_query_complex.json", "ComponentUsed"},
        {"callback_query_inaccessible_message.json", "ComponentUsed"},
        {"callback_query_without_message.json", "ComponentUsed"},
        {"chat_member.json", "MemberJoined"},
        {"my_chat_member.json", "MemberJoined"},
        {"new_chat_members.json", "MemberJoined"},
        {"left_chat_member.json", "MemberLeft"},
        {"command.json", "CommandReceived"},
        {"command_message.json", "CommandReceived"},
        {"command_tag_valid.json", "CommandReceived"},
        {"command_tag_wrong.json", "CommandReceived"},
        {"command_with_parameters.json", "CommandReceived"},
        {"deleted_business_messages.json", "MessageDeleted"},
        {"edited_business_message.json", "MessageEdited"},
        {"edited_channel_post.json", "MessageEdited"},
        {"edited_message.json", "MessageEdited"},
        {"message_reaction.json", "ReactionSet"},
        {"migrate_from_chat_id.json", "RoomMigrated"},
        {"migrate_to_chat_id.json", "RoomMigrated"},
        // WhatsApp
        {"button_message.json", "ComponentUsed"},
        {"interactive_button_reply_message.json", "ComponentUsed"},
        {"interactive_list_reply_message.json", "ComponentUsed"},
        {"group_create_message.json", "MemberJoined"},
        {"group_remove_participants.json", "MemberLeft"},
        {"group_settings_update.json", kUnrecognised},
        {"reaction_message.json", "ReactionSet"},
        {"system_message.json", "RoomMigrated"},
        // Slack
        {"recorded__actions-reactions__slack.json#mention", "CommandReceived"},
        {"recorded__actions-reactions__slack.json#action", "ComponentUsed"},
        {"recorded__actions-reactions__slack.json#reaction", "ReactionSet"},
        {"recorded__actions-reactions__slack.json#staticSelectAction", "ComponentUsed"},
        {"recorded__actions-reactions__slack.json#radioButtonsAction", "ComponentUsed"},
        {"recorded__channel__slack.json#mention", "CommandReceived"},
        {"recorded__channel__slack.json#channel_post_action", "ComponentUsed"},
        {"recorded__dm__slack.json#mention", "CommandReceived"},
        {"recorded__member-joined-channel__slack.json#memberJoinedChannel", "MemberJoined"},
        {"recorded__member-joined-channel__slack.json#mention", "CommandReceived"},
        {"recorded__modals__slack-private-metadata.json#mention", "CommandReceived"},
        {"recorded__modals__slack-private-metadata.json#action", "ComponentUsed"},
        {"recorded__modals__slack-private-metadata.json#viewSubmission", "ComponentUsed"},
        {"recorded__modals__slack.json#mention", "CommandReceived"},
        {"recorded__modals__slack.json#action", "ComponentUsed"},
        {"recorded__modals__slack.json#viewSubmission", "ComponentUsed"},
        {"recorded__modals__slack.json#ephemeralAction", "ComponentUsed"},
        {"recorded__modals__slack.json#ephemeralViewSubmission", "ComponentUsed"},
        {"recorded__native-table__slack.json#mention", "CommandReceived"},
        {"recorded__native-table__slack.json#action", "ComponentUsed"},
        {"recorded__slack-multi-workspace__team1.json#mention", "CommandReceived"},
        {"recorded__slack-multi-workspace__team2.json#mention", "CommandReceived"},
        {"recorded__slash-commands__slack.json#slashCommand", "CommandReceived"},
        {"recorded__slash-commands__slack.json#slashCommandWithArgs", "CommandReceived"},
        {"recorded__slash-commands__slack.json#viewSubmission", "ComponentUsed"},
        {"recorded__streaming__slack.json#aiMentionWithFile", "CommandReceived"},
        {"recorded__streaming__slack.json#buttonAction", "ComponentUsed"},
        // Discord: interactions; what came over a gateway did not come by webhook.
        {"recorded__channel__discord.json#channel_post_action", "ComponentUsed"},
        {"recorded__discord.json#buttonClickHello", "ComponentUsed"},
        {"recorded__discord.json#buttonClickMessages", "ComponentUsed"},
        {"recorded__discord.json#buttonClickInfo", "ComponentUsed"},
        {"recorded__discord.json#buttonClickGoodbye", "ComponentUsed"},
        {"recorded__discord.json#dmButtonClick", "ComponentUsed"},
        {"recorded__discord.json#differentUser", "ComponentUsed"},
    };
    return kTypes;
}

std::string expected_type(const Fixture& fixture) {
    const auto row = expected_types().find(fixture.name);
    if (row != expected_types().end()) return row->second;
    return fixture.platform == Platform::discord ? kUnrecognised : kMessage;
}

TEST(Fixtures, EachIsAcceptedAsTheKindOfTheTable) {
    DECKLOG_NEEDS_FIXTURES();
    std::set<std::string> unused;
    for (const auto& row : expected_types()) unused.insert(row.first);
    Harbour harbour;
    for (const Fixture& fixture : fixtures::all()) {
        const std::size_t before = harbour.stored().size();
        const HookAnswer answer =
            harbour.post(fixture.platform, fixture.body, fixture.content_type);
        EXPECT_EQ(answer.status, 200) << fixture.name << " " << answer.error_code;
        const auto events = harbour.stored();
        ASSERT_GT(events.size(), before) << fixture.name;
        for (std::size_t i = before; i < events.size(); ++i)
            EXPECT_EQ(events[i].type, expected_type(fixture)) << fixture.name;
        unused.erase(fixture.name);
    }
    EXPECT_EQ(unused, std::set<std::string>{}) << "rows of the table without a fixture";
    EXPECT_GE(harbour.stored().size(), 170U);
}

TEST(Fixtures, RedeliveryOfEverythingAddsNothing) {
    DECKLOG_NEEDS_FIXTURES();
    Harbour harbour;
    std::map<std::string, std::string> first_answers;
    for (const Fixture& fixture : fixtures::all()) {
        first_answers[fixture.name] =
            harbour.post(fixture.platform, fixture.body, fixture.content_type).body;
    }
    const std::size_t events = harbour.stored().size();
    harbour.clock.pass_us(7LL * 86'400 * 1'000'000);
    for (const Fixture& fixture : fixtures::all()) {
        const HookAnswer again = harbour.post(fixture.platform, fixture.body, fixture.content_type);
        EXPECT_EQ(again.status, 200) << fixture.name;
        EXPECT_EQ(again.body, first_answers[fixture.name]) << fixture.name;
    }
    EXPECT_EQ(harbour.stored().size(), events);
    EXPECT_EQ(harbour.counts.of("repeated"), events);
    EXPECT_EQ(harbour.counts.of("content_differs"), 0U);
    EXPECT_EQ(harbour.counts.of("id_reused"), 0U);
}

TEST(Fixtures, TenfoldStormFromFourPlatformsIsOneEventAnItem) {
    DECKLOG_NEEDS_FIXTURES();
    const std::vector<Fixture> all = fixtures::all();
    Harbour once;
    for (const Fixture& fixture : all)
        once.post(fixture.platform, fixture.body, fixture.content_type);

    Harbour harbour;
    std::atomic<int> failures{0};
    {
        std::vector<std::jthread> senders;
        for (const Platform platform :
             {Platform::telegram, Platform::discord, Platform::whatsapp, Platform::slack}) {
            for (int lane = 0; lane < 2; ++lane) {
                senders.emplace_back([&, platform] {
                    for (int round = 0; round < 5; ++round) {
                        for (const Fixture& fixture : all) {
                            if (fixture.platform != platform) continue;
                            if (harbour.post(platform, fixture.body, fixture.content_type).status !=
                                200)
                                ++failures;
                        }
                    }
                });
            }
        }
    }
    EXPECT_EQ(failures.load(), 0);
    EXPECT_EQ(harbour.stored().size(), once.stored().size());
    EXPECT_EQ(harbour.counts.of("repeated"), 9 * once.stored().size());
}

// ---- leaks ---------------------------------------------------------------------------------

TEST(Fixtures, NothingOfAPersonStandsInTheLogInTheClear) {
    DECKLOG_NEEDS_FIXTURES();
    Harbour harbour;
    for (const Fixture& fixture : fixtures::all())
        harbour.post(fixture.platform, fixture.body, fixture.content_type);
    const std::string log = harbour.log_bytes();
    const std::set<std::string> words = fixtures::personal_words();
    ASSERT_GT(words.size(), 100U);
    for (const std::string& word : words) {
        EXPECT_EQ(log.find(word), std::string::npos) << word;
        for (const std::string& form : fixtures::base64_forms(word))
            EXPECT_EQ(log.find(form), std::string::npos) << word;
    }
}

TEST(Fixtures, TheLeakTestWouldNotice) {
    const std::string wamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUU0M0MxQzQzMUJCMTMwNUZFOQA=";
    const auto forms = fixtures::base64_forms("16503879435");
    EXPECT_TRUE(std::any_of(forms.begin(), forms.end(), [&](const std::string& form) {
        return wamid.find(form) != std::string::npos;
    }));
}

}  // namespace decklog::ingest::fixtures_test
