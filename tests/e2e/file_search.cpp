#include "tests/e2e/file_search.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <fstream>
#include <iterator>
#include <memory>

#include "projections/counts_merge.hpp"

namespace decklog::e2e {

std::string whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void for_each_row(const std::filesystem::path& database, const EachRow& sink) {
    rocksdb::DBOptions options;
    // As it was written: RocksDB asserts when it would have to note otherwise and may not write.
    options.track_and_verify_wals_in_manifest = true;
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, database.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) {
        rocksdb::ColumnFamilyOptions family;
        family.merge_operator = projections::counts_merge_operator();
        families.emplace_back(name, family);
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::OpenForReadOnly(options, database.string(), families, &handles, &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    if (!status.ok()) return;
    const std::unique_ptr<rocksdb::DB> db(opened);
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
        const std::unique_ptr<rocksdb::Iterator> row(
            db->NewIterator(rocksdb::ReadOptions(), handle));
        for (row->SeekToFirst(); row->Valid(); row->Next()) {
            sink(handle->GetName(), row->key().ToStringView(), row->value().ToStringView());
        }
        EXPECT_TRUE(row->status().ok());
    }
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
}

std::string all_rows(const std::filesystem::path& database) {
    std::string rows;
    for_each_row(database, [&rows](std::string_view, std::string_view key, std::string_view value) {
        rows.append(key).append("\n").append(value).append("\n");
    });
    return rows;
}

std::string all_files(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) bytes += whole_file(entry.path());
    }
    return bytes;
}

}  // namespace decklog::e2e
