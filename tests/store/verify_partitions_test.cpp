// Verify of a ledger of several partitions: all of it is read, and damage is named where it is.
#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include "store/row_ledger.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/log_rows.hpp"
#include "tests/store/rocks_fixture.hpp"
#include "tests/store/several_partitions.hpp"

namespace decklog::store::verify_partitions_test {

class VerifyPartitions : public testing::Test {
  protected:
    VerifyPartitions() {
        const auto ledger = rocks_test::open(dir_.path(), several::options());
        several::fill(*ledger);
        ledger->stop();
    }
    VerifyReport verified() {
        const auto ledger = rocks_test::open(dir_.path());
        return verify(*ledger, {}).value();
    }
    /// The report after the value of one row was changed behind the ledger's back.
    VerifyReport after(RowFamily family, const std::string& key,
                       const std::function<void(std::string&)>& change) {
        rocks_test::with_database(dir_.path(), [&](rocksdb::DB& db, const auto& families) {
            std::string value;
            ASSERT_TRUE(db.Get({}, families[index_of(family)], key, &value).ok());
            change(value);
            ASSERT_TRUE(db.Put({}, families[index_of(family)], key, value).ok());
        });
        return verified();
    }

    rocks_test::TempDir dir_;
};

TEST_F(VerifyPartitions, AddsThemUpAndNamesTheHeadOfEach) {
    const auto ledger = rocks_test::open(dir_.path());
    std::uint64_t seen = 0, total = 0;
    const VerifyReport report = verify(*ledger, [&](const VerifyProgress& progress) {
                                    EXPECT_GE(progress.events, seen);
                                    seen = progress.events;
                                    total = progress.events_total;
                                    return true;
                                }).value();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_EQ(report.events, 3U + 10U + 20U + 30U);
    EXPECT_EQ(seen, report.events);
    EXPECT_EQ(total, report.events);
    EXPECT_EQ(report.commands, 60U);
    EXPECT_EQ(report.streams, 3U * 6U) << "five rooms and the ledger's own";
    ASSERT_EQ(report.heads.size(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        EXPECT_EQ(report.heads[partition].next_ordinal, ledger->head(partition).next_ordinal);
        EXPECT_EQ(report.heads[partition].chain, ledger->head(partition).chain);
    }
}

TEST_F(VerifyPartitions, NamesTheFlippedByteOfAnotherPartitionThanTheFirst) {
    const std::string key(log_key({1, 7}).view());
    {
        const auto ledger = rocks_test::open(dir_.path());
        // Under a ledger that is open: a start would not get so far.
        auto& rows = const_cast<RowStore&>(dynamic_cast<const RowLedger&>(*ledger).rows());
        std::string frame = rows.get(RowFamily::log, key).value().value();
        frame[frame.size() / 2] ^= 1;
        const auto batch = rows.new_batch();
        batch->put(RowFamily::log, key, frame);
        ASSERT_TRUE(rows.commit(*batch));
        const VerifyReport report = verify(*ledger, {}).value();
        EXPECT_FALSE(report.ok());
        EXPECT_EQ(report.first_bad, (domain::Position{1, 7})) << report.problem;
        EXPECT_THAT(report.problem, testing::HasSubstr("checksum"));
        EXPECT_EQ(report.heads.size(), 2U) << "nothing is said of what comes behind it";
        ledger->stop();
    }
    EXPECT_THAT(rocks_test::open_error(dir_.path()).context, testing::HasSubstr("1:7"));
}

TEST_F(VerifyPartitions, NamesTheIndexRowThatIsWrongInTheLastOne) {
    std::string stream_row;
    {
        const auto ledger = rocks_test::open(dir_.path());
        for_each_index_row(*ledger->frame_at({2, 9}).value(),
                           [&](RowFamily family, std::string_view key, std::string_view) {
                               if (family == RowFamily::stream) stream_row = key;
                           });
    }
    const VerifyReport report =
        after(RowFamily::stream, stream_row, [](std::string& value) { value = ordinal_value(3); });
    EXPECT_EQ(report.first_bad, (domain::Position{2, 9})) << report.problem;
}

TEST_F(VerifyPartitions, NamesThePartitionOfAnotherLedger) {
    const rocks_test::TempDir other;
    std::map<std::string, std::string> rows[kRowFamilyNames.size()];
    {
        const auto ledger = rocks_test::open(other.path(), several::options());
        several::fill(*ledger, 1, 3);
        ledger->stop();
    }
    const std::string begin(log_key({1, 0}).view().substr(0, 4));
    rocksdb::ReadOptions everywhere;
    everywhere.total_order_seek = true;
    const auto is_of_partition_1 = [&](const rocksdb::Iterator& at) {
        return at.Valid() && at.key().starts_with(begin);
    };
    rocks_test::with_database(other.path(), [&](rocksdb::DB& db, const auto& families) {
        for (std::size_t family = 0; family < kRowFamilyNames.size(); ++family) {
            const std::unique_ptr<rocksdb::Iterator> at(
                db.NewIterator(everywhere, families[family]));
            for (at->Seek(begin); is_of_partition_1(*at); at->Next())
                rows[family][at->key().ToString()] = at->value().ToString();
        }
    });
    rocks_test::with_database(dir_.path(), [&](rocksdb::DB& db, const auto& families) {
        for (std::size_t family = 0; family < kRowFamilyNames.size(); ++family) {
            const std::unique_ptr<rocksdb::Iterator> at(
                db.NewIterator(everywhere, families[family]));
            for (at->Seek(begin); is_of_partition_1(*at); at->Next())
                ASSERT_TRUE(db.Delete({}, families[family], at->key()).ok());
            for (const auto& [key, value] : rows[family])
                ASSERT_TRUE(db.Put({}, families[family], key, value).ok());
        }
    });
    std::filesystem::remove(dir_.path() / "HEAD");
    const VerifyReport report = verified();
    EXPECT_FALSE(report.ok());
    EXPECT_EQ(report.first_bad, (domain::Position{1, 3}));
    EXPECT_THAT(report.problem, testing::HasSubstr("another ledger"));
}

}  // namespace decklog::store::verify_partitions_test
