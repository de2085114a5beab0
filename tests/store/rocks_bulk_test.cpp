// A batch that RocksDB takes in as files: its rows read like any others, and whatever fails, or
// when the power goes, all of it is there or nothing, and never without what was written before.
#include "store/rows/rocks_bulk.hpp"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <cstdlib>

#include "store/rows/memory_rows.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/store/faulty_files.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace rocks_bulk_test {

using faulty::Failure;
using faulty::FaultyFiles;
using faulty::Operation;

constexpr std::size_t kRows = 100;

/// Of partition 0, longer than any hashed prefix; in no order.
std::string key_of(std::size_t number) {
    std::string key(24, '\0');
    for (std::size_t i = 0; i < 8; ++i)
        key[4 + i] = static_cast<char>((number * 0x9E3779B97F4A7C15U) >> (8 * i));
    key[23] = static_cast<char>(number);
    return key;
}

constexpr std::size_t kFamilies = kRowFamilyNames.size();
const std::vector<RowFamily> kAll = [] {
    std::vector<RowFamily> all;
    for (std::size_t i = 0; i < kFamilies; ++i) all.push_back(static_cast<RowFamily>(i));
    return all;
}();

void put_rows(RowBatch& batch, std::size_t first, const std::string& value,
              const std::vector<RowFamily>& families = kAll) {
    for (const RowFamily family : families) {
        for (std::size_t i = first; i < first + kRows; ++i)
            batch.put(family, key_of(i), value + std::to_string(i));
    }
}

std::map<std::string, std::string> rows_of(const RowReader& rows, RowFamily family) {
    std::map<std::string, std::string> found;
    const auto read =
        rows.scan(family, std::string(4, '\0'), std::string(1, '\1'), Order::ascending,
                  Access::bulk, [&](std::string_view key, std::string_view value) {
                      found.emplace(key, value);
                      return true;
                  });
    EXPECT_TRUE(read) << read.error().context;
    return found;
}

void expect_same(const RowReader& one, const RowReader& other) {
    for (std::size_t family = 0; family < kRowFamilyNames.size(); ++family) {
        EXPECT_EQ(rows_of(one, static_cast<RowFamily>(family)),
                  rows_of(other, static_cast<RowFamily>(family)))
            << kRowFamilyNames[family];
    }
}

std::unique_ptr<RocksRows> opened(const std::filesystem::path& root, rocksdb::Env* env = nullptr) {
    std::filesystem::create_directories(root / "ledger");
    auto rows = RocksRows::open(root / "ledger", env, Durability::cached);
    EXPECT_TRUE(rows) << rows.error().context;
    return rows ? *std::move(rows) : nullptr;
}

TEST(RocksBulk, RowsReadLikeThoseOfAnyBatch) {
    const rocks_test::TempDir directory;
    MemoryRows expected;
    {
        const auto rows = opened(directory.path());
        for (RowStore* store :
             {static_cast<RowStore*>(rows.get()), static_cast<RowStore*>(&expected)}) {
            const auto live = store->new_batch();
            put_rows(*live, 0, "live");
            ASSERT_TRUE(store->commit(*live));
            const auto bulk = store->new_bulk_batch();
            put_rows(*bulk, kRows / 2, "first");
            put_rows(*bulk, kRows, "last");
            ASSERT_TRUE(store->commit(*bulk));
            const auto behind = store->new_batch();
            put_rows(*behind, 3 * kRows / 2, "behind");
            ASSERT_TRUE(store->commit(*behind));
        }
        expect_same(*rows, expected);
        EXPECT_EQ(rows->get(RowFamily::command, key_of(kRows)).value(),
                  "last" + std::to_string(kRows));
        EXPECT_EQ(rows->get(RowFamily::command, key_of(9 * kRows)).value(), std::nullopt);
        EXPECT_FALSE(std::filesystem::exists(directory.path() / "ledger" / "bulk"));
    }
    expect_same(*opened(directory.path()), expected);
}

class RocksBulkFaults : public ::testing::TestWithParam<Operation> {
  protected:
    /// What is there of a batch: all of its rows, or none.
    static bool has(const RowReader& rows, std::size_t first, const std::string& value,
                    const std::vector<RowFamily>& families = kAll) {
        std::size_t found = 0;
        for (const RowFamily family : families) {
            for (std::size_t i = first; i < first + kRows; ++i) {
                const auto row = rows.get(family, key_of(i));
                EXPECT_TRUE(row) << row.error().context;
                if (row && *row == value + std::to_string(i)) ++found;
            }
        }
        EXPECT_TRUE(found == 0 || found == kRows * families.size()) << found << " of " << value;
        return found > 0;
    }
    // Of families that share no file with it, so that nothing but the rule keeps them together.
    const std::vector<RowFamily> before_{RowFamily::raw, RowFamily::action};
    const std::vector<RowFamily> bulk_{RowFamily::log, RowFamily::command, RowFamily::meta};
};

TEST_P(RocksBulkFaults, LeaveAllOfItOrNothing) {
    std::mt19937 random(7);
    const std::uint64_t stride = std::getenv("DECKLOG_SOAK") != nullptr ? 1 : 3;
    bool has_failed = true;
    int failed = 0;
    for (std::uint64_t after = 0; has_failed; after += stride) {
        SCOPED_TRACE("after " + std::to_string(after));
        const rocks_test::TempDir directory;
        const auto root = directory.path() / "data";
        std::filesystem::create_directories(root);
        const auto files = std::make_shared<FaultyFiles>(root, directory.path() / "shadow");
        const auto env = rocksdb::NewCompositeEnv(files);
        {
            const auto rows = opened(root, env.get());
            ASSERT_NE(rows, nullptr);
            const auto before = rows->new_batch();
            put_rows(*before, 0, "before", before_);
            ASSERT_TRUE(rows->commit(*before));
            files->arm({GetParam(), after, Failure::eio, true, {}});
            const auto bulk = rows->new_bulk_batch();
            put_rows(*bulk, kRows, "bulk", bulk_);
            has_failed = !rows->commit(*bulk);
            failed += has_failed ? 1 : 0;
            const auto behind = rows->new_batch();
            put_rows(*behind, 2 * kRows, "behind");
            if (has_failed) {
                EXPECT_FALSE(rows->commit(*behind)) << "what was lost is unknown";
            }
            files->die();
        }
        files->lose_power(random, after % 2 == 1);
        files->revive();
        files->heal();
        const auto rows = opened(root, env.get());
        ASSERT_NE(rows, nullptr);
        const bool has_bulk = has(*rows, kRows, "bulk", bulk_);
        if (!has_failed) {
            EXPECT_TRUE(has_bulk) << "it was durable";
        }
        if (has_bulk) {
            EXPECT_TRUE(has(*rows, 0, "before", before_)) << "a hole in the log";
        }
        EXPECT_FALSE(has(*rows, 2 * kRows, "behind"));
    }
    EXPECT_GT(failed, 0);
}

INSTANTIATE_TEST_SUITE_P(Operations, RocksBulkFaults,
                         ::testing::Values(Operation::write, Operation::sync, Operation::rename,
                                           Operation::sync_directory, Operation::open));

}  // namespace rocks_bulk_test
}  // namespace decklog::store
