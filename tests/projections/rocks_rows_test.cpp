// Rows in RocksDB are the rows in memory: after any writes, flushes and compactions, read forwards,
// backwards and by key. The merge operator gives the bytes of a plain sum, and a row it cannot read
// is a failure, never an absent row.
#include "projections/rocks_rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "projections/counts_merge.hpp"
#include "projections/packed_counts.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::rocks_rows_test {

using test_log::ViewsDirectory;
using Listed = std::vector<std::pair<std::string, std::string>>;

struct Rows {
    Rows()
        : database(ViewsDatabase::open(directory.path(), "test").value()),
          family(database.create("t.v1.b1").value()) {}
    [[nodiscard]] RocksRows reader(SnapshotPtr at = {}) const {
        return {family, health, std::move(at)};
    }

    ViewsDirectory directory;
    ViewsDatabase database;
    FamilyPtr family;
    ReadHealthPtr health = std::make_shared<ReadHealth>();
};

Listed listed(const RowReader& rows, std::string_view begin, std::string_view end, bool back) {
    Listed all;
    const RowSink sink = [&](std::string_view key, std::string_view value) {
        all.emplace_back(key, value);
        return true;
    };
    if (back) {
        rows.scan_back(begin, end, sink);
    } else {
        rows.scan(begin, end, sink);
    }
    return all;
}

std::string one(std::string_view key, std::int64_t count) {
    CountDelta delta;
    delta.add(key, count);
    return delta.packed();
}

std::string sum_of_parts(const RowReader& rows, std::string_view row) {
    std::vector<std::string> parts;
    rows.each_part(row, [&](std::string_view part) { parts.emplace_back(part); });
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    return sum(views).value();
}

struct Step {
    int kind;  // 0-4 add, 5 put, 6 erase, 7 flush, 8 compact, 9 a new batch
    std::string row;
    std::string key;
    std::int64_t count;
};

std::vector<Step> steps() {
    const auto step = rc::gen::construct<Step>(
        rc::gen::inRange(0, 10),
        rc::gen::element<std::string>("a", "b", "c", std::string("b\0", 2), "\xff"),
        rc::gen::element<std::string>("x", "y", "z"), rc::gen::inRange<std::int64_t>(-2, 3));
    return *rc::gen::container<std::vector<Step>>(step);
}

TEST(RocksRows, AreTheRowsInMemory) {
    Rows rocks;
    const bool held = rc::check("rocks == memory", [&] {
        MemoryRows memory;
        rocksdb::WriteBatch batch;
        RocksRowWriter writer(batch, *rocks.family);
        for (const auto& [key, value] : listed(rocks.reader(), "", "", false)) writer.erase(key);
        const auto write = [&] {
            RC_ASSERT(rocks.database.write(batch).has_value());
            batch.Clear();
        };
        for (const Step& step : steps()) {
            // One row holds counts or a value, never both: rows in upper half are values.
            const bool counts = step.row < "c";
            for (RowWriter* to :
                 {static_cast<RowWriter*>(&memory), static_cast<RowWriter*>(&writer)}) {
                if (step.kind <= 5 && counts) to->add_counts(step.row, one(step.key, step.count));
                if (step.kind <= 5 && !counts) to->put(step.row, step.key);
                if (step.kind == 6) to->erase(step.row);
            }
            if (step.kind >= 7) write();
            auto& db = rocks.family->db();
            if (step.kind == 7)
                RC_ASSERT(db.Flush(rocksdb::FlushOptions(), rocks.family->handle()).ok());
            if (step.kind == 8) {
                RC_ASSERT(db.CompactRange(rocksdb::CompactRangeOptions(), rocks.family->handle(),
                                          nullptr, nullptr)
                              .ok());
            }
        }
        write();
        const RocksRows reader = rocks.reader();
        for (const auto& [begin, end] :
             {std::pair("", ""), std::pair("b", "c"), std::pair("a", "b"), std::pair("c", "a")}) {
            RC_ASSERT(listed(reader, begin, end, false) == listed(memory, begin, end, false));
            RC_ASSERT(listed(reader, begin, end, true) == listed(memory, begin, end, true));
        }
        for (const char* row : {"a", "b", "c", "nothing"})
            RC_ASSERT(reader.get(row) == memory.get(row));
        for (const char* row : {"a", "b", "nothing"})
            RC_ASSERT(sum_of_parts(reader, row) == memory.get(row).value_or(""));
        RC_ASSERT(rocks.health->ok());
    });
    EXPECT_TRUE(held);
}

TEST(RocksRows, ManyPartsAreAllRead) {
    Rows rocks;
    for (int i = 0; i < 1000; ++i) {
        rocksdb::WriteBatch batch;
        RocksRowWriter(batch, *rocks.family).add_counts("row", one(std::to_string(i % 7), i));
        ASSERT_TRUE(rocks.database.write(batch).has_value());
        if (i != 500) continue;
        ASSERT_TRUE(rocks.family->db().Flush(rocksdb::FlushOptions(), rocks.family->handle()).ok());
    }
    EXPECT_EQ(sum_of_parts(rocks.reader(), "row"), rocks.reader().get("row"));
    // A snapshot does not see what came after it.
    const SnapshotPtr then = rocks.database.snapshot();
    const std::string before = *rocks.reader().get("row");
    rocksdb::WriteBatch batch;
    RocksRowWriter(batch, *rocks.family).add_counts("row", one("later", 1));
    ASSERT_TRUE(rocks.database.write(batch).has_value());
    EXPECT_EQ(sum_of_parts(rocks.reader(then), "row"), before);
}

TEST(RocksRows, ARowThatCannotBeSummedIsAFailure) {
    Rows rocks;
    rocksdb::WriteBatch batch;
    ASSERT_TRUE(batch.Put(rocks.family->handle(), "minute", "not packed counts").ok());
    RocksRowWriter(batch, *rocks.family).add_counts("minute", one("k", 1));
    ASSERT_TRUE(rocks.database.write(batch).has_value());
    EXPECT_FALSE(rocks.reader().get("minute").has_value());
    EXPECT_FALSE(rocks.health->ok());
}

TEST(ViewsDatabase, ForgetsAnInstanceWhole) {
    Rows rocks;
    rocksdb::WriteBatch batch;
    rocks.database.put_record(batch, "t.v1.b1", {7, 8, {}, 9});
    rocks.database.put_parked(batch, "t.v1.b1", "key", {3, "why", 2});
    rocks.database.put_parked(batch, "t.v1.b10", "other", {4, "why", 1});
    ASSERT_TRUE(rocks.database.write(batch).has_value());
    EXPECT_EQ(rocks.database.record("t.v1.b1").value()->fingerprint, 9U);
    EXPECT_EQ(rocks.database.parked("t.v1.b1").value(), (ParkedKeys{{"key", {3, "why", 2}}}));
    ASSERT_TRUE(rocks.database.drop("t.v1.b1").has_value());
    EXPECT_FALSE(rocks.database.record("t.v1.b1").value().has_value());
    EXPECT_TRUE(rocks.database.parked("t.v1.b1")->empty());
    EXPECT_EQ(rocks.database.parked("t.v1.b10")->size(), 1U);
    EXPECT_TRUE(rocks.database.instances().empty());
}

TEST(ViewsDatabase, IsDroppedWhenAnotherOwnerComes) {
    ViewsDirectory directory;
    { ASSERT_TRUE(ViewsDatabase::open(directory.path(), "one")->create("t.v1.b1").has_value()); }
    { EXPECT_EQ(ViewsDatabase::open(directory.path(), "one")->instances().size(), 1U); }
    { EXPECT_TRUE(ViewsDatabase::open(directory.path(), "two")->instances().empty()); }
}

/// What releases that compacted in levels left: several files of one level, and newer ones.
void put_in_levels(const std::filesystem::path& dir, const std::string& instance) {
    rocksdb::Options options;
    options.merge_operator = counts_merge_operator();
    options.compression = rocksdb::kNoCompression;
    options.target_file_size_base = 1U << 10U;
    options.level_compaction_dynamic_level_bytes = true;
    const std::vector<rocksdb::ColumnFamilyDescriptor> families{
        {rocksdb::kDefaultColumnFamilyName, options}, {"meta", options}, {instance, options}};
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, dir.string(), families, &handles, &raw).ok());
    const std::unique_ptr<rocksdb::DB> database(raw);
    for (int row = 0; row < 1'000; ++row) {
        ASSERT_TRUE(database->Put({}, handles[2], std::to_string(row), std::string(64, 'v')).ok());
        if (row != 900) continue;
        rocksdb::CompactRangeOptions rewrite;
        rewrite.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
        ASSERT_TRUE(database->CompactRange(rewrite, handles[2], nullptr, nullptr).ok());
    }
    std::vector<rocksdb::LiveFileMetaData> files;
    database->GetLiveFilesMetaData(&files);
    EXPECT_GT(files.size(), 3U);
    for (rocksdb::ColumnFamilyHandle* handle : handles)
        ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
}

TEST(ViewsDatabase, OpensRowsThatStandInLevels) {
    ViewsDirectory directory;
    { ASSERT_TRUE(ViewsDatabase::open(directory.path(), "one")->create("t.v1.b1").has_value()); }
    put_in_levels(directory.path(), "t.v1.b1");
    const auto database = ViewsDatabase::open(directory.path(), "one");
    ASSERT_TRUE(database.has_value()) << database.error().context;
    const FamilyPtr family = database->find("t.v1.b1");
    ASSERT_NE(family, nullptr);
    const RocksRows rows(family, std::make_shared<ReadHealth>());
    EXPECT_EQ(listed(rows, "", "", false).size(), 1'000U);
    ASSERT_TRUE(family->db().CompactRange({}, family->handle(), nullptr, nullptr).ok());
    EXPECT_EQ(listed(rows, "", "", true).size(), 1'000U);
}

/// A byte inside the table's own blocks, which are read when the database opens.
void damage_tables(const std::filesystem::path& dir) {
    for (const auto& entry : std::filesystem::directory_iterator(dir)) {
        if (entry.path().extension() != ".sst") continue;
        std::fstream file(entry.path(), std::ios::binary | std::ios::in | std::ios::out);
        const auto at = static_cast<std::streamoff>(entry.file_size() * 6 / 10);
        const int old = file.seekg(at).get();
        file.seekp(at).put(static_cast<char>(old ^ 1));
    }
}

TEST(ViewsDatabase, IsDroppedWhenItsFilesAreDamaged) {
    ViewsDirectory directory;
    {
        auto database = ViewsDatabase::open(directory.path(), "one");
        const FamilyPtr family = database->create("t.v1.b1").value();
        rocksdb::WriteBatch batch;
        ASSERT_TRUE(batch.Put(family->handle(), "key", "value").ok());
        ASSERT_TRUE(database->write(batch).has_value());
        ASSERT_TRUE(family->db().Flush({}, family->handle()).ok());
    }
    damage_tables(directory.path());
    const auto reopened = ViewsDatabase::open(directory.path(), "one");
    ASSERT_TRUE(reopened.has_value()) << reopened.error().context;
    EXPECT_TRUE(reopened->instances().empty());
}

}  // namespace decklog::projections::rocks_rows_test
