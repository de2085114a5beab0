#include "domain/ledger/level.hpp"

#include "domain/limits.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::level_test {

StoredEvent created(std::uint32_t level) {
    fb::LedgerCreatedT payload;
    payload.level = level;
    return {static_cast<std::uint32_t>(EventType::ledger_created), 1, encode_payload(payload)};
}

RaiseLevel raise_to(std::uint32_t level) {
    RaiseLevel command;
    command.level = level;
    command.known_level = 3;
    command.stream = "ledger/0";
    command.actor = {"operator", "ops"};
    command.recorded_by = "token:ops";
    command.now_us = 1'700'000'000'000'000;
    return command;
}

StoredEvent raised(std::uint32_t from, std::uint32_t to) {
    return StoredEvent(
        given<LogLevel>({created(from)}).when(raise_to(to)).yields(EventType::level_raised));
}

TEST(RaiseLevel, YieldsBothLevelsInTheLedgersStream) {
    const NewEvent event =
        given<LogLevel>({created(1)}).when(raise_to(3)).yields(EventType::level_raised);
    EXPECT_EQ(event.stream, "ledger/0");
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.actor.id, "ops");
    const auto payload = decode_payload<fb::LevelRaised>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->level, 3U);
    EXPECT_EQ(payload->from_level, 1U);
}

TEST(RaiseLevel, RefusesWhatThisBuildDoesNotKnow) {
    EXPECT_EQ(
        given<LogLevel>({created(1)}).when(raise_to(4)).refuses("level_unknown", "level").limit, 3);
}

TEST(RaiseLevel, RefusesToGoDown) {
    EXPECT_EQ(given<LogLevel>({created(1), raised(1, 3)})
                  .when(raise_to(2))
                  .refuses("level_not_lowered", "level")
                  .limit,
              3);
}

TEST(RaiseLevel, StaysQuietAtTheSameLevel) {
    given<LogLevel>({created(1), raised(1, 2)}).when(raise_to(2)).stays_quiet();
}

TEST(RaiseLevel, RefusesWhenANewerReleaseWroteToTheLedger) {
    given<LogLevel>({created(1), StoredEvent(0x01FF, 1, {})})
        .when(raise_to(2))
        .refuses("newer_build");
}

TEST(Level, AllowsTheTypesOfLowerLevelsAndAlwaysTheOneThatRaisesIt) {
    TypeInfo type = *find_type(static_cast<std::uint32_t>(EventType::token_created));
    type.level = 2;
    EXPECT_FALSE(level_allows(1, type));
    EXPECT_TRUE(level_allows(2, type));
    EXPECT_TRUE(level_allows(3, type));
    EXPECT_TRUE(level_allows(0, *find_type(static_cast<std::uint32_t>(EventType::level_raised))));
}

TEST(Level, OfEveryTypeIsOneThatThisBuildKnows) {
    for (const TypeInfo& type : all_types()) {
        EXPECT_GE(type.level, 1U) << type.name;
        EXPECT_LE(type.level, limits::kLogLevel) << type.name;
    }
}

}  // namespace decklog::domain::level_test
