// What the packed views share: bytes that sort, words in log order, and a pyramid that covers any
// window exactly once.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>

#include "projections/counting/bucket_counts.hpp"
#include "projections/counting/ordered_bytes.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::audit_counting_test {

using namespace counting;

std::string bytes_of(std::uint64_t number) {
    std::string bytes;
    put_ordered(bytes, number);
    return bytes;
}

RC_GTEST_PROP(OrderedBytes, NumbersComeBackAndSort,
              (std::uint64_t left, std::uint64_t right, std::uint8_t shift)) {
    const std::uint64_t a = left >> (shift % 64U);
    const std::uint64_t b = right >> (shift % 64U);
    const std::string packed = bytes_of(a) + "z";
    std::string_view bytes = packed;
    RC_ASSERT(take_ordered(bytes) == a);
    RC_ASSERT(bytes == "z");
    RC_ASSERT((bytes_of(a) < bytes_of(b)) == (a < b));
}

TEST(OrderedBytes, NumbersGrowAByteAtTheirBounds) {
    for (const auto& [number, size] :
         std::map<std::uint64_t, std::size_t>{{0, 1},
                                              {127, 1},
                                              {128, 2},
                                              {16'383, 2},
                                              {16'384, 3},
                                              {2'097'151, 3},
                                              {2'097'152, 4},
                                              {268'435'455, 4},
                                              {268'435'456, 9},
                                              {std::numeric_limits<std::uint64_t>::max(), 9}}) {
        const std::string packed = bytes_of(number);
        EXPECT_EQ(packed.size(), size) << number;
        std::string_view bytes = packed;
        EXPECT_EQ(take_ordered(bytes), number);
        EXPECT_TRUE(bytes.empty());
    }
}

RC_GTEST_PROP(OrderedBytes, TextsComeBackAndSortByPart,
              (std::string a1, std::string a2, std::string b1, std::string b2)) {
    const std::string packed = texts(a1, a2);
    RowBytes bytes(packed);
    RC_ASSERT(ordered_text(bytes) == a1);
    RC_ASSERT(ordered_text(bytes) == a2);
    RC_ASSERT(bytes.ok() && bytes.at_end());
    RC_ASSERT((texts(a1, a2) < texts(b1, b2)) == (std::pair(a1, a2) < std::pair(b1, b2)));
}

TEST(OrderedBytes, ZeroBytesInTextsStaySorted) {
    const std::string zero(1, '\0');
    EXPECT_LT(texts("a", "z"), texts("a" + zero, "a"));
    EXPECT_LT(texts("a" + zero, "z"), texts("a\x01", "a"));
}

TEST(OrderedBytes, NumbersCutShortReadAsZeroToTheEnd) {
    for (const std::uint64_t number : {128ULL, 16'384ULL, 2'097'152ULL, 268'435'456ULL}) {
        const std::string packed = bytes_of(number);
        for (std::size_t size = 0; size < packed.size(); ++size) {
            std::string_view bytes = std::string_view(packed).substr(0, size);
            EXPECT_EQ(take_ordered(bytes), 0U);
            EXPECT_TRUE(bytes.empty());
        }
    }
}

TEST(Words, GetNumbersInTheOrderOfMention) {
    MemoryRows rows;
    {
        WordGiver giver(rows);
        EXPECT_EQ(giver.number(0, "zulu"), 1U);
        EXPECT_EQ(giver.number(0, "alfa"), 2U);
        EXPECT_EQ(giver.number(0, "zulu"), 1U);
        EXPECT_EQ(giver.number(1, "zulu"), 1U);
        giver.finish(rows);
    }
    WordGiver giver(rows);
    EXPECT_EQ(giver.number(0, "alfa"), 2U);
    EXPECT_EQ(giver.number(0, "mike"), 3U);
    giver.finish(rows);

    const Words words(rows);
    EXPECT_EQ(words.given(0), 3U);
    EXPECT_EQ(words.text(0, 3), "mike");
    EXPECT_EQ(words.number(0, "zulu"), 1U);
    EXPECT_EQ(words.number(0, "never"), 0U);
    std::string order;
    words.each(0, [&](std::string_view text, std::uint32_t number) {
        order.append(text).append(std::to_string(number)).append(" ");
        return true;
    });
    EXPECT_EQ(order, "alfa2 mike3 zulu1 ");
}

struct Covered {
    std::vector<Span> spans;
    std::vector<std::int64_t> cuts;
};
Covered covered(const Window& window) {
    Covered all;
    cover(
        window, [&](const Span& span) { all.spans.push_back(span); },
        [&](std::int64_t minute) { all.cuts.push_back(minute); });
    return all;
}

RC_GTEST_PROP(Pyramid, CoversEveryMomentOfAWindowOnceAndNothingElse,
              (std::int64_t from, std::uint32_t length, bool endless)) {
    Window window;
    window.since_us = from % (400 * kDayMicros);
    const std::int64_t grains[] = {1, kMinuteMicros, kHourMicros, kDayMicros};
    window.since_us -= window.since_us % grains[length % 4];
    const std::int64_t until = window.since_us + static_cast<std::int64_t>(length) * 400 /
                                                     grains[length / 4 % 4] *
                                                     grains[length / 4 % 4];
    if (!endless) window.until_us = until;
    const Covered all = covered(window);
    std::vector<std::int64_t> moments{
        window.since_us, window.since_us - 1, window.since_us + 1, until - 1, until, until + 1};
    for (int i = 0; i < 20; ++i)
        moments.push_back(*rc::gen::inRange(window.since_us - kDayMicros, until + kDayMicros + 1));
    for (const std::int64_t moment : moments) {
        std::int64_t held = 0;
        for (const Span& span : all.spans) {
            const std::int64_t bucket = bucket_of(span.level, moment);
            held += bucket >= span.first && bucket < span.last ? span.sign : 0;
        }
        for (const std::int64_t minute : all.cuts) {
            held += bucket_of(Level::minute, moment) == minute && window.holds(moment) ? 1 : 0;
        }
        RC_ASSERT(held == (window.holds(moment) ? 1 : 0));
    }
}

TEST(Pyramid, ReadsFewBuckets) {
    const Covered all = covered({kDayMicros + kMinuteMicros + 1, 8 * kDayMicros - 1});
    std::int64_t buckets = 0;
    for (const Span& span : all.spans) buckets += span.last - span.first;
    EXPECT_EQ(all.cuts, (std::vector<std::int64_t>{1441, 8 * 1440 - 1}));
    // Two minutes too many at the beginning of whole days, one at the end.
    EXPECT_EQ(buckets, 2 + 7 + 1);
}

TEST(Pyramid, RoundsDownBeforeTheEpochToo) {
    EXPECT_EQ(bucket_of(Level::day, -1), -1);
    EXPECT_EQ(bucket_of(Level::day, -kDayMicros), -1);
    EXPECT_EQ(bucket_of(Level::day, -kDayMicros - 1), -2);
    EXPECT_EQ(begin_of(Level::day, std::numeric_limits<std::int64_t>::max()),
              std::numeric_limits<std::int64_t>::max());
}

TEST(BucketCounts, AreTheSameRowsWhateverTheBatches) {
    const std::int64_t times[] = {0,  1, kMinuteMicros, kHourMicros - 1, kHourMicros, kDayMicros,
                                  -1, 0};
    MemoryRows at_once, one_by_one;
    BucketCounts all;
    std::uint32_t number = 0;
    for (const std::int64_t time : times) {
        const Slot slot{1, ++number % 3};
        all.add(time, slot, 2);
        BucketCounts one;
        one.add(time, slot, 2);
        one.finish('c', one_by_one);
    }
    all.finish('c', at_once);
    EXPECT_EQ(at_once.rows(), one_by_one.rows());
    std::int64_t sum = 0;
    scan_counts(at_once, 'c', {Level::day, -1, 2}, [&](Slot, std::int64_t count) { sum += count; });
    EXPECT_EQ(sum, 16);
}

TEST(BucketCounts, CountsThatCancelLeaveNoRow) {
    MemoryRows rows;
    BucketCounts counts;
    counts.add(5, {7, 1}, 1);
    counts.finish('c', rows);
    counts.add(6, {7, 1}, -1);
    counts.finish('c', rows);
    EXPECT_TRUE(rows.rows().empty());
}

}  // namespace decklog::projections::audit_counting_test
