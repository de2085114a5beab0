#include "projections/counting/radix_sort.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "projections/counting/text_numbers.hpp"

namespace decklog::projections::radix_sort_test {

struct Entry {
    std::int64_t key = 0;
    std::size_t came = 0;
    bool operator==(const Entry&) const = default;
};

RC_GTEST_PROP(RadixSort, SortsLikeAStableSortWhateverBitsTheKeysShare, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(0, 3000);
    const auto bits = *rc::gen::inRange<unsigned>(1, 64);
    const auto all =
        *rc::gen::container<std::vector<std::int64_t>>(size, rc::gen::arbitrary<std::int64_t>());
    std::vector<Entry> entries;
    for (const std::int64_t key : all) entries.push_back({key >> (64 - bits), entries.size()});
    std::vector<Entry> sorted = entries;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Entry& a, const Entry& b) { return a.key < b.key; });
    std::vector<Entry> scratch;
    counting::radix_sort(entries, scratch,
                         [](const Entry& entry) { return counting::sortable(entry.key); });
    RC_ASSERT(entries == sorted);
}

TEST(RadixSort, SortsManyKeysOfEveryLength) {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < 5000; ++i) {
        const auto key = static_cast<std::int64_t>(i * 0x9E3779B97F4A7C15U);
        entries.push_back({key >> (i % 60), i});
    }
    std::vector<Entry> scratch;
    counting::radix_sort(entries, scratch,
                         [](const Entry& entry) { return counting::sortable(entry.key); });
    for (std::size_t i = 1; i < entries.size(); ++i) {
        EXPECT_LE(entries[i - 1].key, entries[i].key);
        EXPECT_TRUE(entries[i - 1].key < entries[i].key || entries[i - 1].came < entries[i].came);
    }
}

TEST(TextNumbers, FindsWhatWasInsertedAndNothingElse) {
    counting::TextNumbers numbers;
    EXPECT_EQ(numbers.find(""), 0U);
    for (std::uint32_t i = 1; i <= 5000; ++i) numbers.insert("text-" + std::to_string(i), i);
    numbers.insert("", 5001);
    numbers.insert(std::string_view("a\0b", 3), 5002);
    for (std::uint32_t i = 1; i <= 5000; ++i)
        EXPECT_EQ(numbers.find("text-" + std::to_string(i)), i);
    EXPECT_EQ(numbers.find(""), 5001U);
    EXPECT_EQ(numbers.find(std::string_view("a\0b", 3)), 5002U);
    EXPECT_EQ(numbers.find("a"), 0U);
    EXPECT_EQ(numbers.find("text-5001"), 0U);
    EXPECT_EQ(numbers.size(), 5002U);
    numbers.clear();
    EXPECT_EQ(numbers.find("text-1"), 0U);
    EXPECT_EQ(numbers.size(), 0U);
}

}  // namespace decklog::projections::radix_sort_test
