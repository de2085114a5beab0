// Rows in RocksDB are scanned as rows in memory are: in either direction, under one prefix or over
// many, wherever the rows lie. Its hash memtables have traps of their own: an iterator that leaves
// rows out, or has no way back, and says OK.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "store/rows/keys.hpp"
#include "store/rows/memory_rows.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

constexpr RowFamily kHashed[] = {RowFamily::stream, RowFamily::conversation,
                                 RowFamily::correlation};
constexpr std::uint64_t kPrefixes = 5;

Rows scanned(const RowReader& rows, RowFamily family, const KeyRange& range, Order order,
             std::size_t rows_max = std::numeric_limits<std::size_t>::max()) {
    Rows found;
    const auto done = rows.scan(family, range.begin, range.end, order, Access::point,
                                [&](std::string_view key, std::string_view value) {
                                    found.emplace_back(key, value);
                                    return found.size() < rows_max;
                                });
    EXPECT_TRUE(done.has_value());
    return found;
}

Key prefix_of(std::uint64_t number) { return text_prefix(0, "room " + std::to_string(number)); }

class RowsScan : public testing::Test {
  protected:
    RowsScan() { reopen(); }

    void reopen() {
        rocks_.reset();
        auto opened = RocksRows::open(directory_.path(), nullptr);
        ASSERT_TRUE(opened.has_value());
        rocks_ = std::move(*opened);
    }

    void put(RowFamily family, const Key& key) {
        for (RowStore* const store : {static_cast<RowStore*>(rocks_.get()), memory_.get()}) {
            const auto batch = store->new_batch();
            batch->put(family, key, ordinal_value(trailing_u64(key.view()).value()));
            ASSERT_TRUE(store->commit(*batch).has_value());
        }
    }

    /// Runs of neighbours with gaps of every size between them.
    void put_runs(std::size_t rows) {
        std::uint64_t ordinal = 0;
        for (std::size_t i = 0; i < rows; ++i) {
            ordinal += random_() % 20 > 0 ? 1 : std::uint64_t{1} << random_() % 40;
            const Key prefix = prefix_of(random_() % 3 > 0 ? 0 : random_() % kPrefixes);
            for (const RowFamily family : kHashed) put(family, Key(prefix).u64(ordinal));
        }
        top_ = std::max(top_, ordinal);
    }

    void compare(RowFamily family, const KeyRange& range) {
        for (const Order order : {Order::ascending, Order::descending}) {
            const Rows expected = scanned(*memory_, family, range, order);
            EXPECT_EQ(scanned(*rocks_, family, range, order), expected);
            if (expected.size() > 3) {
                const Rows first(expected.begin(), expected.begin() + 3);
                EXPECT_EQ(scanned(*rocks_, family, range, order, 3), first);
            }
        }
    }

    void compare_all() {
        for (const RowFamily family : kHashed) {
            compare(family, whole_partition(0));
            for (std::uint64_t prefix = 0; prefix <= kPrefixes; ++prefix) {
                compare(family, ordinals_under(prefix_of(prefix)));
                const std::uint64_t from = random_() % (top_ + 1);
                compare(family, ordinals_under(prefix_of(prefix), from));
                compare(family, ordinals_under(prefix_of(prefix), 0, from));
                compare(family, ordinals_under(prefix_of(prefix), from / 2, from));
            }
        }
    }

    rocks_test::TempDir directory_;
    std::unique_ptr<RocksRows> rocks_;
    std::unique_ptr<RowStore> memory_ = std::make_unique<MemoryRows>();
    std::mt19937_64 random_{20'261'125};
    std::uint64_t top_ = 0;
};

TEST_F(RowsScan, FindsNothingWhereNothingIs) { compare_all(); }

TEST_F(RowsScan, IsTheSameAsOverMemoryInBothDirections) {
    put_runs(1'500);
    compare_all();
    reopen();  // the rows lie in table files now
    compare_all();
    put_runs(1'500);  // and half of them in memory again
    compare_all();
}

TEST_F(RowsScan, ReadsALongRunBehindALongGapBackwards) {
    const Key prefix = prefix_of(0);
    for (std::uint64_t ordinal = 0; ordinal < 5'000; ++ordinal)
        put(RowFamily::conversation, Key(prefix).u64(ordinal));
    for (std::uint64_t ordinal = 0; ordinal < 10; ++ordinal)
        put(RowFamily::conversation, Key(prefix).u64((std::uint64_t{1} << 40U) + ordinal * 1'000));
    compare(RowFamily::conversation, ordinals_under(prefix));
    compare(RowFamily::conversation, ordinals_under(prefix, 4'000, 4'999));
}

}  // namespace
}  // namespace decklog::store
