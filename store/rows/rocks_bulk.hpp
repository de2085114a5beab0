// Hundreds of thousands of rows taken into RocksDB as sorted files, one a family: they pass by its
// write-ahead log, its memory tables and the flush of these. For a node that has a log to catch up
// with; worth it only in large batches, since each file is synced. One thread has it; the families
// are written by several.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "store/rows/rows.hpp"

namespace rocksdb {
class SstFileWriter;
}

namespace decklog::store {

class RocksBulk final : public RowBatch {
  public:
    using Families = std::vector<rocksdb::ColumnFamilyHandle*>;  // by index_of(RowFamily)

    /// Of rows with one key the last one counts.
    void put(RowFamily family, std::string_view key, std::string_view value) override;
    /// Puts alone: a file has no order between what it puts and what it erases.
    void erase(RowFamily family, std::string_view key) override;
    void erase_range(RowFamily family, std::string_view begin, std::string_view end) override;
    [[nodiscard]] std::size_t bytes() const override { return bytes_; }

    /// All of the rows or, after an error, none; durable when it returns. What was written before
    /// is flushed first, so that a crash cannot keep these and lose those. `directory`: for the
    /// files, on the database's file system; removed again.
    [[nodiscard]] rocksdb::Status ingest(rocksdb::DB& db, const Families& families,
                                         const std::string& directory);

  private:
    struct Row {
        std::uint64_t order = 0;           // the first bytes of the key: most comparisons end here
        std::size_t begin = 0;             // in `bytes`
        std::uint32_t key = 0, value = 0;  // sizes
    };
    struct FamilyRows {
        std::vector<char> bytes;
        std::vector<Row> rows;
        [[nodiscard]] rocksdb::Slice key_of(const Row& row) const {
            return {bytes.data() + row.begin, row.key};
        }
        [[nodiscard]] rocksdb::Slice value_of(const Row& row) const {
            return {bytes.data() + row.begin + row.key, row.value};
        }
        void sort();
        [[nodiscard]] rocksdb::Status write_to(rocksdb::SstFileWriter& file);
    };

    std::array<FamilyRows, kRowFamilyNames.size()> families_;
    std::size_t bytes_ = 0;
};

}  // namespace decklog::store
