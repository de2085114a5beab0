// Verify against damage that RocksDB's own checksums cannot see: rows changed through RocksDB
// itself.
#include "store/verify/verify.hpp"

#include <rocksdb/db.h>

#include <atomic>
#include <thread>

#include "store/frame/frame_header.hpp"
#include "store/rows/commit_rows.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace verify_test {

namespace rocks = rocks_test;
using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

/// Twenty commits at 1 to 20.
class Verify : public testing::Test {
  protected:
    Verify() { rocks::fill(*rocks::open(dir_.path()), 20); }

    VerifyReport verified() {
        const auto ledger = rocks::open(dir_.path());
        return verify(*ledger, {}).value();
    }
    /// The report after one change behind the ledger's back.
    VerifyReport after(const std::function<void(rocksdb::DB&, const Handles&)>& change) {
        rocks::with_database(dir_.path(), change);
        return verified();
    }
    FramePtr frame(std::uint64_t ordinal) {
        return rocks::open(dir_.path())->frame_at({0, ordinal}).value();
    }

    rocks::TempDir dir_;
};

std::string row_key(const Frame& frame, RowFamily family) {
    std::string found;
    for_each_index_row(frame, [&](RowFamily its_family, std::string_view key, std::string_view) {
        if (its_family == family) found = key;
    });
    return found;
}

}  // namespace verify_test

using verify_test::Verify;

TEST_F(Verify, CountsAWholeLedger) {
    const VerifyReport report = verified();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_FALSE(report.first_bad.has_value());
    EXPECT_EQ(report.frames, 21U);
    EXPECT_EQ(report.events, 21U);
    EXPECT_EQ(report.streams, 8U);
    EXPECT_EQ(report.commands, 20U);
    EXPECT_EQ(report.index_rows,
              21U * 3 + 20U * 4);  // stream, time, type; action, conversation, correlation, command
    EXPECT_EQ(report.heads.front().chain, rocks_test::open(dir_.path())->head(0).chain);
}

TEST_F(Verify, EndsWhenNobodyWantsToKnow) {
    const auto ledger = verify_test::rocks::open(dir_.path());
    const auto report = verify(*ledger, [](const VerifyProgress&) { return false; });
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, domain::ErrorCode::stopped);
}

TEST_F(Verify, NamesTheEventWhoseRowIsMissingInAnyFamily) {
    std::uint64_t ordinal = 20;  // from the back, so that each finding is the first one
    for (const RowFamily family : kIndexFamilies) {
        const std::string key = verify_test::row_key(*frame(--ordinal), family);
        ASSERT_FALSE(key.empty());
        const VerifyReport report =
            after([&](rocksdb::DB& db, const verify_test::Handles& families) {
                ASSERT_TRUE(db.Delete({}, families[index_of(family)], key).ok());
            });
        EXPECT_FALSE(report.ok()) << name_of(family);
        EXPECT_EQ(report.first_bad.value_or(domain::Position{}).ordinal, ordinal) << report.problem;
        EXPECT_NE(report.problem.find(name_of(family)), std::string::npos) << report.problem;
        rocks_test::with_database(
            dir_.path(), [&](rocksdb::DB& db, const verify_test::Handles& families) {
                std::string value;
                if (family == RowFamily::stream) value = ordinal_value(ordinal);
                if (family == RowFamily::command) {
                    domain::RequestHash hash;
                    hash.bytes[0] = 1;
                    value = command_value({ordinal, hash});
                }
                ASSERT_TRUE(db.Put({}, families[index_of(family)], key, value).ok());
            });
        EXPECT_TRUE(verified().ok());
    }
}

TEST_F(Verify, FindsARowThatBelongsToNoEvent) {
    const VerifyReport report = after([](rocksdb::DB& db, const verify_test::Handles& families) {
        ASSERT_TRUE(db.Put({}, families[index_of(RowFamily::type)],
                           verify_test::slice(type_prefix(0, 0x0999).u64(7).view()), "")
                        .ok());
    });
    EXPECT_EQ(report.first_bad.value_or(domain::Position{}).ordinal, 7U) << report.problem;
    EXPECT_NE(report.problem.find("no event"), std::string::npos) << report.problem;
}

TEST_F(Verify, FindsACommandRowThatPointsElsewhere) {
    std::uint64_t robbed = 0;  // the commit whose key now leads to another one
    const VerifyReport report = after([&](rocksdb::DB& db, const verify_test::Handles& families) {
        rocksdb::ColumnFamilyHandle* command = families[index_of(RowFamily::command)];
        const std::unique_ptr<rocksdb::Iterator> rows(db.NewIterator({}, command));
        rows->SeekToFirst();
        ASSERT_TRUE(rows->Valid());
        CommandRow row = parse_command(rows->value().ToStringView()).value();
        robbed = row.first_ordinal;
        row.first_ordinal = robbed == 3 ? 4 : 3;
        ASSERT_TRUE(db.Put({}, command, rows->key(), command_value(row)).ok());
    });
    EXPECT_EQ(report.first_bad.value_or(domain::Position{}).ordinal, robbed);
    EXPECT_EQ(report.problem, "index command: a row differs");
}

TEST_F(Verify, FindsARewrittenEventThatKeepsItsChecksum) {
    const FramePtr original = frame(9);
    std::vector<std::uint8_t> bytes(original->bytes().begin(), original->bytes().end());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bytes[text.find("ppppp")] = 'q';
    const std::span<const std::uint8_t> all(bytes);
    const std::uint32_t crc = frame_crc(all.first<kHeaderBytes>(), all.subspan(kHeaderBytes));
    std::memcpy(bytes.data() + 12, &crc, sizeof crc);
    ASSERT_TRUE(Frame::decode(bytes).has_value());
    rocks_test::with_database(
        dir_.path(), [&](rocksdb::DB& db, const verify_test::Handles& families) {
            ASSERT_TRUE(
                db.Put({}, families[index_of(RowFamily::log)],
                       verify_test::slice(log_key({0, 9}).view()),
                       rocksdb::Slice(reinterpret_cast<const char*>(bytes.data()), bytes.size()))
                    .ok());
        });
    const domain::Error error =
        rocks_test::open_error(dir_.path());  // the tail is checked at every start
    EXPECT_NE(error.context.find("chain"), std::string::npos) << error.context;
}

TEST_F(Verify, HoldsStillBesideALiveWriter) {
    const auto ledger = rocks_test::open(dir_.path());
    std::atomic<bool> enough{false};
    std::jthread writer([&] {
        while (!enough) rocks_test::fill(*ledger, 5);
    });
    std::uint64_t last = 0;
    for (int i = 0; i < 5; ++i) {
        std::uint64_t progressed = 0;
        const VerifyReport report = verify(*ledger, [&](const VerifyProgress& progress) {
                                        progressed = progress.events;
                                        return true;
                                    }).value();
        EXPECT_TRUE(report.ok()) << report.problem;
        EXPECT_GE(report.events, last);
        EXPECT_EQ(progressed, report.events);
        last = report.events;
    }
    enough = true;
}

}  // namespace decklog::store
