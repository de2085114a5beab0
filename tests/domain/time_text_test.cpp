#include "domain/time_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace decklog::domain::time_text_test {

constexpr std::int64_t kSecond = 1'000'000;

std::string refusal(std::string_view text) {
    const auto parsed = parse_rfc3339(text, "createdAt");
    if (parsed) return "accepted as " + to_rfc3339(*parsed);
    EXPECT_EQ(parsed.error().field, "createdAt");
    return parsed.error().code;
}

std::int64_t accepted(std::string_view text) {
    const auto parsed = parse_rfc3339(text, "t");
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(-1);
}

TEST(TimeText, PrintsUtcWithSixDecimals) {
    EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_rfc3339(1'709'208'000 * kSecond + 7), "2024-02-29T12:00:00.000007Z");
    EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(to_rfc3339(kTimeMinMicros), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_rfc3339(kTimeMaxMicros), "9999-12-31T23:59:59.999999Z");
}

TEST(TimeText, PrintsTimesOutsideTheLineAsItsEnds) {
    EXPECT_EQ(to_rfc3339(kTimeMinMicros - 1), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_rfc3339(INT64_MIN), "0001-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_rfc3339(INT64_MAX), "9999-12-31T23:59:59.999999Z");
}

TEST(TimeText, ReadsAnyOffsetAndUpToSixDecimals) {
    constexpr std::int64_t kNoon = 1'709'208'000 * kSecond;
    EXPECT_EQ(accepted("2024-02-29T12:00:00Z"), kNoon);
    EXPECT_EQ(accepted("2024-02-29t12:00:00z"), kNoon);
    EXPECT_EQ(accepted("2024-02-29T14:30:00+02:30"), kNoon);
    EXPECT_EQ(accepted("2024-02-28T12:01:00-23:59"), kNoon);
    EXPECT_EQ(accepted("2024-02-29T12:00:00-00:00"), kNoon);
    EXPECT_EQ(accepted("2024-02-29T12:00:00.5Z"), kNoon + 500'000);
    EXPECT_EQ(accepted("2024-02-29T12:00:00.000001Z"), kNoon + 1);
    EXPECT_EQ(accepted("9999-12-31T23:59:59.999999Z"), kTimeMaxMicros);
}

TEST(TimeText, RefusesWhatIsNoFullDateTimeWithAnOffset) {
    for (const std::string_view text :
         {"", "2024", "2024-02-29", "2024-02-29T12:00Z", "2024-02-29T12:00:00",
          "2024-02-29 12:00:00Z", "2024-02-29T12:00:00.Z", "2024-02-29T12:00:00,5Z",
          "2024-02-29T12:00:00+02", "2024-02-29T12:00:00+0200", "2024-2-29T12:00:00Z",
          "2024-02-29T12:00:00Z ", " 2024-02-29T12:00:00Z", "2024-02-29T12:00:00ZZ",
          "+2024-02-29T12:00:00Z", "02024-02-29T12:00:00Z", "2024-02-29T-1:00:00Z", "1709208000",
          "yesterday"}) {
        EXPECT_EQ(refusal(text), "time_malformed") << text;
    }
    EXPECT_EQ(refusal(std::string_view("2024-02-29T12:00:00Z\0", 21)), "time_malformed");
}

TEST(TimeText, RefusesMoreDecimalsThanItKeeps) {
    EXPECT_EQ(refusal("2024-02-29T12:00:00.1234567Z"), "time_too_precise");
    EXPECT_EQ(refusal("2024-02-29T12:00:00.0000000Z"), "time_too_precise");
    EXPECT_EQ(parse_rfc3339("2024-02-29T12:00:00.1234567Z", "t").error().limit, 6);
}

TEST(TimeText, RefusesDatesAndTimesThatDoNotExist) {
    for (const std::string_view text :
         {"2023-02-29T12:00:00Z", "1900-02-29T12:00:00Z", "2024-13-01T12:00:00Z",
          "2024-00-01T12:00:00Z", "2024-01-00T12:00:00Z", "2024-04-31T12:00:00Z",
          "2024-01-01T24:00:00Z", "2024-01-01T12:60:00Z", "2016-12-31T23:59:60Z",
          "2024-01-01T12:00:00+24:00", "2024-01-01T12:00:00+01:60"}) {
        EXPECT_EQ(refusal(text), "time_not_real") << text;
    }
}

TEST(TimeText, RefusesTimesOffTheLineAfterTheOffset) {
    EXPECT_EQ(refusal("0000-12-31T23:59:59.999999Z"), "time_out_of_range");
    EXPECT_EQ(refusal("0001-01-01T00:00:00+00:01"), "time_out_of_range");
    EXPECT_EQ(accepted("0001-01-01T00:00:00Z"), kTimeMinMicros);
    EXPECT_EQ(accepted("1969-12-31T23:59:59.999999Z"), -1);
    EXPECT_EQ(refusal("9999-12-31T23:59:59-00:01"), "time_out_of_range");
    EXPECT_EQ(accepted("1969-12-31T23:59:00-00:01"), 0);
}

RC_GTEST_PROP(TimeTextProperty, EveryTimeOnTheLineComesBackAsItWas, ()) {
    const auto time_us = *rc::gen::inRange<std::int64_t>(0, kTimeMaxMicros + 1);
    const auto parsed = parse_rfc3339(to_rfc3339(time_us), "t");
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == time_us);
}

RC_GTEST_PROP(TimeTextProperty, EarlierTimesAreSmallerTexts, ()) {
    const auto a = *rc::gen::inRange<std::int64_t>(0, kTimeMaxMicros);
    const auto b = *rc::gen::inRange<std::int64_t>(0, kTimeMaxMicros);
    RC_ASSERT((a < b) == (to_rfc3339(a) < to_rfc3339(b)));
}

RC_GTEST_PROP(TimeTextProperty, OneChangedCharacterIsRefusedOrIsAnotherGoodTime, ()) {
    std::string text = to_rfc3339(*rc::gen::inRange<std::int64_t>(0, kTimeMaxMicros + 1));
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    const auto parsed = parse_rfc3339(text, "t");
    if (parsed) RC_ASSERT(parse_rfc3339(to_rfc3339(*parsed), "t").value() == *parsed);
}

RC_GTEST_PROP(TimeTextProperty, NoTextBreaksTheParser, (const std::string& text)) {
    const auto parsed = parse_rfc3339(text, "t");
    RC_ASSERT(!parsed.has_value());
}

}  // namespace decklog::domain::time_text_test
