// Rows in memory: ordered scans with half-open bounds, and no row without a byte in it.
#include <gtest/gtest.h>

#include <vector>

#include "projections/packed_counts.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::memory_rows_test {

std::string one(std::string_view key, std::int64_t count) {
    CountDelta delta;
    delta.add(key, count);
    return delta.packed();
}

std::vector<std::string> keys_in(const RowReader& rows, std::string_view begin,
                                 std::string_view end, bool back) {
    std::vector<std::string> keys;
    const RowSink sink = [&](std::string_view key, std::string_view) {
        keys.emplace_back(key);
        return true;
    };
    if (back) {
        rows.scan_back(begin, end, sink);
    } else {
        rows.scan(begin, end, sink);
    }
    return keys;
}

TEST(MemoryRows, ScansHalfOpenRangesBothWays) {
    MemoryRows rows;
    for (const char* key : {"a", "b", "c", "d"}) rows.put(key, "x");
    EXPECT_EQ(keys_in(rows, "b", "d", false), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(keys_in(rows, "b", "d", true), (std::vector<std::string>{"c", "b"}));
    EXPECT_EQ(keys_in(rows, "c", "", false), (std::vector<std::string>{"c", "d"}));
    EXPECT_EQ(keys_in(rows, "d", "b", false), std::vector<std::string>{});
}

TEST(MemoryRows, CountsThatSumToNothingAreNoRow) {
    MemoryRows rows;
    rows.add_counts("minute", one("k", 2));
    rows.add_counts("minute", one("k", -2));
    rows.add_counts("other", "");
    EXPECT_TRUE(rows.rows().empty());
}

TEST(MemoryRows, ErasingWhatIsNotThereIsQuiet) {
    MemoryRows rows;
    rows.erase("nothing");
    rows.put("k", "v");
    rows.erase("k");
    EXPECT_FALSE(rows.get("k").has_value());
}

}  // namespace decklog::projections::memory_rows_test
