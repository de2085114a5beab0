#include "domain/personal_data/reading.hpp"

#include <gtest/gtest.h>

#include "domain/payload.hpp"

namespace decklog::domain::reading_test {

TEST(ReadPersonalData, SaysWhoReadWhatAndHowMuch) {
    ReadPersonalData command;
    command.by = "token:t1";
    command.actor = {"operator", "t1"};
    command.filter = "export conversation=c-3";
    command.count = 7;
    command.now_us = 1'000'000;
    const Intent intent = read_personal_data(command);
    EXPECT_EQ(intent.command, "read_personal_data");
    const auto events = intent.decide({});
    ASSERT_TRUE(events.has_value());
    ASSERT_EQ(events->size(), 1U);
    const NewEvent& event = events->front();
    EXPECT_EQ(event.type, EventType::personal_data_read);
    EXPECT_EQ(event.stream, "personal-data/reads");
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.actor.id, "t1");
    EXPECT_EQ(event.recorded_by, "token:t1");
    EXPECT_TRUE(event.conversation.empty());
    EXPECT_TRUE(event.sealed.empty());
    const auto payload = decode_payload<fb::PersonalDataRead>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->by, "token:t1");
    EXPECT_EQ(payload->filter, "export conversation=c-3");
    EXPECT_EQ(payload->count, 7U);
}

TEST(ReadPersonalData, IsAudited) {
    const TypeInfo* info = find_type_by_name("PersonalDataRead");
    ASSERT_NE(info, nullptr);
    EXPECT_TRUE(info->audited);
    EXPECT_EQ(info->writer, Writer::ours);
}

}  // namespace decklog::domain::reading_test
