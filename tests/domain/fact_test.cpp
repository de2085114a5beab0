#include "domain/fact.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::fact_test {

NewEvent arrival(std::size_t payload_bytes = 10, std::size_t sealed_bytes = 0) {
    NewEvent event;
    event.type = EventType::message_received;
    event.workspace = "north";
    event.stream = "room/telegram/default/-100";
    event.payload.resize(payload_bytes);
    event.sealed.resize(sealed_bytes);
    return event;
}

TEST(Fact, YieldsTheEventAsItCame) {
    const NewEvent event =
        given<Fact>().when({arrival(10, 20)}).yields(EventType::message_received);
    EXPECT_EQ(event.stream, "room/telegram/default/-100");
    EXPECT_EQ(event.payload.size(), 10U);
    EXPECT_EQ(event.sealed.size(), 20U);
}

TEST(Fact, HoldsPayloadAndSealedPartTogetherToTheLimit) {
    constexpr std::size_t kMax = limits::kEventBytesMax;
    given<Fact>().when({arrival(kMax - 100, 100)}).yields(EventType::message_received);
    const Rejection refusal =
        given<Fact>().when({arrival(kMax - 100, 101)}).refuses("event_too_large", "event");
    EXPECT_EQ(refusal.limit, 524'288);
}

TEST(Fact, RefusesStreamNamesThatAreEmptyOrTooLong) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{257}}) {
        NewEvent event = arrival();
        event.stream = std::string(length, 's');
        EXPECT_EQ(given<Fact>().when({event}).refuses("stream_name", "stream").limit, 256);
    }
    NewEvent longest = arrival();
    longest.stream = std::string(256, 's');
    given<Fact>().when({longest}).yields(EventType::message_received);
}

TEST(Fact, ReadsNoHistoryAndIsAtHomeInItsStream) {
    const Intent intent = fact("record_message", arrival());
    EXPECT_EQ(intent.command, "record_message");
    EXPECT_TRUE(intent.reads.empty());
    EXPECT_EQ(intent.home, (StreamRef{"north", "room/telegram/default/-100"}));
    const auto decision = intent.decide({});
    ASSERT_TRUE(decision.has_value());
    EXPECT_EQ(decision->size(), 1U);
}

}  // namespace decklog::domain::fact_test
