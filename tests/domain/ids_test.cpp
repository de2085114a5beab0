#include "domain/cursor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <span>

namespace decklog::domain::ids_test {

LedgerId ledger() {
    LedgerId id;
    for (std::size_t i = 0; i < id.bytes.size(); ++i)
        id.bytes[i] = static_cast<std::uint8_t>(0x7F + 0x11 * i);
    return id;
}

const std::string kPrefix = to_hex(ledger().bytes).substr(0, 8);

CursorError cursor_error(std::string_view text) {
    const ParsedCursor parsed = parse_cursor(text, ledger());
    EXPECT_FALSE(parsed.position.has_value()) << text;
    EXPECT_TRUE(parsed.error.has_value()) << text;
    return parsed.error.value_or(CursorError::malformed);
}

TEST(Ids, HexIsLowerCaseOutAndAnyCaseIn) {
    const std::string hex = "000102030405060708090a0b0c0d0eff";
    const auto bytes = bytes16_from_hex(hex);
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(to_hex(*bytes), hex);
    EXPECT_EQ(bytes16_from_hex("000102030405060708090A0B0C0D0EFF"), bytes);
}

TEST(Ids, RefuseTextThatIsNotExactlyTheirForm) {
    for (const std::string_view text :
         {"", "00", "000102030405060708090a0b0c0d0ef", "000102030405060708090a0b0c0d0efff",
          "000102030405060708090a0b0c0d0efg", " 00102030405060708090a0b0c0d0eff"}) {
        EXPECT_FALSE(bytes16_from_hex(text).has_value()) << text;
        EXPECT_FALSE(subject_from_text("p_" + std::string(text)).has_value()) << text;
    }
    EXPECT_FALSE(subject_from_text("000102030405060708090a0b0c0d0eff").has_value());
    EXPECT_FALSE(event_id_from_text("00010203-0405-0607-0809-0a0b0c0d0ef").has_value());
    EXPECT_FALSE(event_id_from_text("0001020304-05-0607-0809-0a0b0c0d0eff").has_value());
}

TEST(Ids, EventIdsAreUuidsOfVersionSevenInTimeOrder) {
    std::array<std::uint8_t, 10> random{};
    random.fill(0xFF);
    const std::string earlier = to_text(make_event_id(1'700'000'000'123'999, random));
    EXPECT_EQ(earlier, "018bcfe5-687b-7fff-bfff-ffffffffffff");
    EXPECT_LT(earlier, to_text(make_event_id(1'700'000'000'124'000, random)));
}

RC_GTEST_PROP(IdsProperty, EveryIdComesBackFromItsText,
              (const std::array<std::uint8_t, 16>& bytes)) {
    RC_ASSERT(event_id_from_text(to_text(EventId{bytes})) == EventId{bytes});
    RC_ASSERT(subject_from_text(to_text(SubjectId{bytes})) == SubjectId{bytes});
}

RC_GTEST_PROP(IdsProperty, EveryCursorComesBackFromItsText,
              (std::uint32_t partition, std::uint64_t ordinal)) {
    const Position position{partition, ordinal};
    RC_ASSERT(parse_cursor(to_cursor(ledger(), position), ledger()).position == position);
}

TEST(Cursor, BareOnesMeanThisLedger) {
    EXPECT_EQ(parse_cursor("0:12", ledger()).position, (Position{0, 12}));
    EXPECT_EQ(parse_cursor(kPrefix + ".1:9", ledger()).position, (Position{1, 9}));
}

TEST(Cursor, NamesTheOtherLedger) {
    EXPECT_EQ(cursor_error("00000000.0:12"), CursorError::other_ledger);
}

TEST(Cursor, RefusesEverythingElse) {
    for (const std::string& text :
         {std::string(), std::string("12"), std::string(":"), std::string("0:"), std::string(":1"),
          std::string("0:-1"), std::string("0:+1"), std::string("0: 1"), std::string("0:1 "),
          std::string("0:1:2"), std::string("4294967296:0"), std::string("0:18446744073709551616"),
          std::string("0x0:1"), kPrefix + ".", kPrefix + "0:1", "." + kPrefix + "0:1",
          std::string("zzzzzzzz.0:1"), std::string("7F901234.0:1")}) {
        EXPECT_EQ(cursor_error(text), CursorError::malformed) << text;
    }
}

Positions places(std::string_view text) { return parse_cursor_list(text, ledger()).positions; }

RC_GTEST_PROP(CursorListProperty, EveryListComesBackAscendingWhateverItsOrder,
              (const std::map<std::uint32_t, std::uint64_t>& ordinals)) {
    RC_PRE(!ordinals.empty());
    Positions ascending;
    std::string backwards;
    for (const auto& [partition, ordinal] : ordinals) {
        ascending.push_back({partition, ordinal});
        backwards.insert(0, ',' + std::to_string(partition) + ':' + std::to_string(ordinal));
    }
    RC_ASSERT(places(to_cursor(ledger(), ascending)) == ascending);
    RC_ASSERT(places(std::string_view(backwards).substr(1)) == ascending);
}

TEST(CursorList, IsTheCursorOfOnePositionWhenThereIsOne) {
    const Position position{0, 12};
    EXPECT_EQ(to_cursor(ledger(), std::span(&position, 1)), to_cursor(ledger(), position));
    EXPECT_EQ(places("0:12"), (Positions{{0, 12}}));
    EXPECT_EQ(places(kPrefix + ".1:9,0:12"), (Positions{{0, 12}, {1, 9}}));
    EXPECT_EQ(cursor_error("0:12,1:9"), CursorError::malformed) << "one position is asked for";
}

TEST(CursorList, RefusesWhatIsNoneAndAPartitionTwice) {
    for (const std::string& text :
         {std::string(), std::string(","), std::string("0:1,"), std::string(",0:1"),
          std::string("0:1,,1:2"), std::string("0:1, 1:2"), std::string("0:1,0:1"),
          std::string("1:2,0:1,1:3"), std::string("0:1;1:2"), kPrefix + ".0:1," + kPrefix + ".1:2",
          kPrefix + "."}) {
        const ParsedCursorList parsed = parse_cursor_list(text, ledger());
        EXPECT_TRUE(parsed.positions.empty()) << text;
        EXPECT_EQ(parsed.error, CursorError::malformed) << text;
    }
    EXPECT_EQ(parse_cursor_list("00000000.0:1,1:2", ledger()).error, CursorError::other_ledger);
}

TEST(CursorList, HasOnePlaceAPartition) {
    Positions positions;
    for (const Position position : {Position{2, 5}, {0, 1}, {2, 6}, {1, 9}})
        set_position(positions, position);
    EXPECT_EQ(positions, (Positions{{0, 1}, {1, 9}, {2, 6}}));
    EXPECT_EQ(position_in(positions, 1), (Position{1, 9}));
    EXPECT_EQ(position_in(positions, 3), std::nullopt);
}

}  // namespace decklog::domain::ids_test
