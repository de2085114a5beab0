// Packed counts: the same set has the same bytes, whatever the order and the grouping of the
// additions.
#include "projections/packed_counts.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace decklog::projections::packed_counts_test {

using Entries = std::vector<std::pair<std::string, std::int64_t>>;

Entries few_keys() {
    const auto key = rc::gen::element<std::string>("", "a", std::string("a\0", 2), "ab", "b",
                                                   "\xff", std::string(200, 'k'));
    const auto count = rc::gen::weightedOneOf<std::int64_t>(
        {{4, rc::gen::inRange<std::int64_t>(-2, 3)}, {1, rc::gen::arbitrary<std::int64_t>()}});
    return *rc::gen::container<Entries>(rc::gen::pair(key, count));
}

std::string packed(const Entries& entries) {
    CountDelta delta;
    for (const auto& [key, count] : entries) delta.add(key, count);
    return delta.packed();
}

std::string sum_of(const std::vector<std::string>& parts) {
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    return sum(views).value();
}

RC_GTEST_PROP(PackedCounts, AnyGroupingOfASumHasTheBytesOfThePlainSum, ()) {
    const Entries entries = few_keys();
    std::vector<std::string> parts;
    for (const auto& entry : entries) parts.push_back(packed({entry}));
    std::shuffle(parts.begin(), parts.end(), std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
    while (parts.size() > 1) {
        const auto at = *rc::gen::inRange<std::size_t>(0, parts.size() - 1);
        parts[at] = add(parts[at], parts[at + 1]).value();
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    RC_ASSERT((parts.empty() ? std::string() : parts.front()) == packed(entries));
}

RC_GTEST_PROP(PackedCounts, SumOfManyEqualsThePlainSum, ()) {
    const auto groups = *rc::gen::container<std::vector<Entries>>(rc::gen::exec(few_keys));
    std::vector<std::string> parts;
    Entries all;
    for (const auto& group : groups) {
        parts.push_back(packed(group));
        all.insert(all.end(), group.begin(), group.end());
    }
    RC_ASSERT(sum_of(parts) == packed(all));
}

RC_GTEST_PROP(PackedCounts, ReadsBackWhatWasWritten, ()) {
    std::map<std::string, std::uint64_t> expected;
    const Entries entries = few_keys();
    for (const auto& [key, count] : entries) expected[key] += static_cast<std::uint64_t>(count);
    std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
    const std::string bytes = packed(entries);
    CountReader reader(bytes);
    std::map<std::string, std::uint64_t> found;
    while (const auto entry = reader.next()) {
        found.emplace(entry->key, static_cast<std::uint64_t>(entry->count));
    }
    RC_ASSERT(!reader.malformed());
    RC_ASSERT(found == expected);
}

RC_GTEST_PROP(PackedCounts, ArbitraryBytesAreReadOrRefusedAndNeverRewritten,
              (const std::string& bytes)) {
    const auto same = add(bytes, {});
    if (same) RC_ASSERT(*same == bytes);
}

TEST(PackedCounts, OppositeCountsLeaveTheEmptySet) {
    const std::string up = packed({{"k", 7}});
    const std::string down = packed({{"k", -7}});
    EXPECT_EQ(add(up, down).value(), "");
}

TEST(PackedCounts, KeepsTheExtremesOfACount) {
    for (const auto count :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        EXPECT_EQ(count_of(packed({{"k", count}}), "k").value(), count);
    }
}

TEST(PackedCounts, RefusesBytesThatAreNotCanonical) {
    const std::string one_two = packed({{"a", 1}, {"b", 2}});
    const std::vector<std::string> damaged = {
        one_two.substr(0, one_two.size() - 1),  // cut
        std::string("\x01z\x02", 3) + one_two,  // not ascending
        std::string("\x01"
                    "a\x00",
                    3),  // a zero count
        std::string("\x81\x00"
                    "a\x02",
                    4),  // a longer varint than needed
        std::string("\x7f"
                    "a\x02",
                    3),  // a key longer than the row
        std::string("\x01"
                    "a",
                    2) +
            std::string(10, '\xff'),  // a count over 64 bits
    };
    for (const auto& bytes : damaged) {
        EXPECT_FALSE(add(bytes, {}).has_value());
        EXPECT_FALSE(add(one_two, bytes).has_value());
        EXPECT_FALSE(count_of(bytes, "a").has_value());
        EXPECT_EQ(add(bytes, {}).error().code, domain::ErrorCode::corrupt);
    }
}

}  // namespace decklog::projections::packed_counts_test
