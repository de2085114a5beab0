// Rows of an odd size among the indexes: crafted or damaged beyond their checksums. Questions say
// that the index is damaged; nothing falls over.
#include <rocksdb/db.h>

#include "store/rows/keys.hpp"
#include "store/rows/rocks_options.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {
namespace odd_rows_test {

namespace rocks = rocks_test;

/// The key with its end cut off and one byte in its place, so that it sorts under its prefix.
std::string cut(const Key& prefix) { return std::string(prefix.view()) + '\x05'; }

void put(const std::filesystem::path& root, RowFamily family, const std::string& key) {
    rocks::with_database(root, [&](rocksdb::DB& db, const auto& families) {
        const std::string value = ordinal_value(0);
        EXPECT_TRUE(db.Put(durable_write(), families[index_of(family)], key, value).ok());
    });
}

domain::ErrorCode scan_error(const Ledger& ledger, const IndexKey& key, Order order) {
    const auto scanned =
        ledger.scan(0, key, order, std::nullopt, [](domain::Position) { return true; });
    EXPECT_FALSE(scanned.has_value());
    return scanned ? domain::ErrorCode::not_found : scanned.error().code;
}

}  // namespace odd_rows_test

TEST(OddRows, AreDamageToWhoeverScansAnIndex) {
    const rocks_test::TempDir dir;
    { rocks_test::fill(*rocks_test::open(dir.path()), 10); }
    odd_rows_test::put(dir.path(), RowFamily::time, odd_rows_test::cut(Key(0)));
    odd_rows_test::put(dir.path(), RowFamily::correlation,
                       odd_rows_test::cut(text_prefix(0, "correlation")));
    const auto ledger = rocks_test::open(dir.path());
    for (const Order order : {Order::ascending, Order::descending}) {
        IndexKey key;
        EXPECT_EQ(odd_rows_test::scan_error(*ledger, key, order), domain::ErrorCode::corrupt);
        key.kind = IndexKey::Kind::correlation;
        key.text = "correlation";
        EXPECT_EQ(odd_rows_test::scan_error(*ledger, key, order), domain::ErrorCode::corrupt);
    }
    EXPECT_FALSE(verify(*ledger, {}).value().ok());
}

TEST(OddRows, AreDamageToTheWriter) {
    const rocks_test::TempDir dir;
    { static_cast<void>(rocks_test::open(dir.path())); }
    odd_rows_test::put(dir.path(), RowFamily::stream,
                       odd_rows_test::cut(stream_prefix(0, stream_hash("default", "s"))));
    const auto ledger = rocks_test::open(dir.path());
    EXPECT_EQ(rocks_test::submit(*ledger, rocks_test::append("s")).error().kind,
              Refused::outcome_unknown);
    EXPECT_EQ(ledger->state(), WriterState::failed);
    EXPECT_NE(ledger->failure()->text.find("ledger/ stream"), std::string::npos);
}

TEST(OddRows, AmongTheKeptHeadsRefuseTheStart) {
    const rocks_test::TempDir dir;
    { rocks_test::fill(*rocks_test::open(dir.path()), 10); }
    odd_rows_test::put(dir.path(), RowFamily::meta, odd_rows_test::cut(kept_head_key(0, 0)));
    EXPECT_EQ(rocks_test::open_error(dir.path()).code, domain::ErrorCode::corrupt);
}

}  // namespace decklog::store
