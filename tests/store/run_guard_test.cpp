// A file in the middle of a sorted run whose beginning does not read: scans say so, and no
// compaction drops what stands in it or behind it.
#include "store/rows/run_guard.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "store/rows/rocks_options.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store {
namespace run_guard_test {

namespace fs = std::filesystem;

constexpr int kFiles = 8;
constexpr RowFamily kFamilies[] = {RowFamily::conversation, RowFamily::raw, RowFamily::type};

/// Of the partition 0, longer than any prefix.
std::string key_of(int number) { return std::string(27, '\0') + static_cast<char>('a' + number); }

std::unique_ptr<RocksRows> opened(const fs::path& directory) {
    auto rows = RocksRows::open(directory, nullptr, Durability::synced);
    if (!rows) ADD_FAILURE() << rows.error().context;
    return rows ? *std::move(rows) : nullptr;
}

class RunGuardTest : public ::testing::TestWithParam<RowFamily> {
  protected:
    /// Each opening flushes what the one before it wrote, into a file of its own; from the fourth
    /// on they are moved, side by side, into one run.
    RunGuardTest() {
        for (int number = 0; number < kFiles; ++number) {
            const auto rows = opened(directory_.path());
            const auto batch = rows->new_batch();
            batch->put(GetParam(), key_of(number), "v");
            EXPECT_TRUE(rows->commit(*batch));
        }
        static_cast<void>(opened(directory_.path()));
    }
    /// The run's files by their first key.
    [[nodiscard]] std::vector<fs::path> run() const {
        std::map<std::string, fs::path> files;
        rocksdb::DBOptions options = ledger_db_options(nullptr);
        std::vector<rocksdb::ColumnFamilyDescriptor> families;
        for (std::size_t i = 0; i < kRowFamilyNames.size(); ++i)
            families.emplace_back(std::string(kRowFamilyNames[i]),
                                  ledger_family_options(static_cast<RowFamily>(i)));
        families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
        std::vector<rocksdb::ColumnFamilyHandle*> handles;
        rocksdb::DB* db = nullptr;
        const auto status = rocksdb::DB::OpenForReadOnly(options, directory_.path().string(),
                                                         families, &handles, &db);
        EXPECT_TRUE(status.ok()) << status.ToString();
        if (!status.ok()) return {};
        rocksdb::ColumnFamilyMetaData found;
        db->GetColumnFamilyMetaData(handles[static_cast<std::size_t>(GetParam())], &found);
        for (const auto& level : found.levels) {
            for (const auto& file : level.files) {
                if (level.level > 0) files[file.smallestkey] = file.db_path + file.name;
            }
        }
        for (auto* handle : handles) static_cast<void>(db->DestroyColumnFamilyHandle(handle));
        delete db;
        std::vector<fs::path> paths;
        for (const auto& [smallest, path] : files) paths.push_back(path);
        return paths;
    }
    static void flip_first_byte(const fs::path& file) {
        std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
        const int first = bytes.get();
        bytes.seekp(0);
        bytes.put(static_cast<char>(first ^ 1));
    }
    static domain::Result<int> count(const RocksRows& rows) {
        int found = 0;
        const auto read = rows.scan(GetParam(), std::string(4, '\0'), std::string(1, '\1'),
                                    Order::ascending, Access::bulk, [&](auto, auto) {
                                        ++found;
                                        return true;
                                    });
        if (!read) return tl::unexpected(read.error());
        return found;
    }

    TemporaryDirectory directory_;
};

TEST_P(RunGuardTest, NothingBehindAFileThatDoesNotReadIsTakenForGone) {
    EXPECT_EQ(count(*opened(directory_.path())).value(), kFiles);
    const std::vector<fs::path> files = run();
    ASSERT_GE(files.size(), 3U) << "there is no run to damage";
    flip_first_byte(files[1]);
    {
        const auto rows = opened(directory_.path());
        const auto counted = count(*rows);
        ASSERT_FALSE(counted) << "found " << *counted << " of " << kFiles
                              << ", and said all is well";
        EXPECT_EQ(counted.error().code, domain::ErrorCode::corrupt);
        EXPECT_NE(counted.error().context.find(files[1].filename().string()), std::string::npos)
            << counted.error().context;
        const RowRange all{std::string(4, '\0'), std::string(1, '\1')};
        EXPECT_FALSE(rows->purge(GetParam(), std::span(&all, 1), nullptr)) << "it compacts";
        const auto batch = rows->new_batch();
        batch->put(GetParam(), key_of(kFiles), "v");
        const auto refused = rows->commit(*batch);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().context.find("before a compaction"), std::string::npos)
            << refused.error().context;
    }
    flip_first_byte(files[1]);
    EXPECT_EQ(count(*opened(directory_.path())).value(), kFiles);
}

INSTANTIATE_TEST_SUITE_P(Families, RunGuardTest, ::testing::ValuesIn(kFamilies));

}  // namespace run_guard_test
}  // namespace decklog::store
