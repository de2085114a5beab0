#include "store/rows/run_guard.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include "store/rows/rocks_status.hpp"

namespace decklog::store {
namespace {

/// The way that a compaction takes into a file: its index, then its first block.
rocksdb::Status try_beginning(const rocksdb::Options& options, const std::string& file) {
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(file);
    if (!status.ok()) return status;
    rocksdb::ReadOptions once;
    once.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> row(reader.NewIterator(once));
    row->SeekToFirst();
    return row->status();
}

}  // namespace

void RunGuard::OnCompactionBegin(rocksdb::DB* db, const rocksdb::CompactionJobInfo& info) {
    for (std::size_t i = 0; i < info.input_files.size(); ++i) {
        // `level` counts the levels that take part. In level 0 every file is a run of its own.
        const bool is_alone = info.base_input_level == 0 && info.input_file_infos[i].level == 0;
        if (is_alone) continue;
        const rocksdb::Status status = try_beginning(options_, info.input_files[i]);
        if (status.ok()) continue;
        // What has begun gives up before it changes anything.
        rocksdb::CancelAllBackgroundWork(db, /*wait=*/false);
        return told_(status);
    }
}

domain::Result<void> check_runs(rocksdb::DB& db, rocksdb::ColumnFamilyHandle& family) {
    rocksdb::ColumnFamilyMetaData files;
    db.GetColumnFamilyMetaData(&family, &files);
    for (const rocksdb::LevelMetaData& level : files.levels) {
        if (level.level == 0) continue;
        for (const rocksdb::SstFileMetaData& file : level.files) {
            const std::string path = file.db_path + file.name;
            const rocksdb::Status status = try_beginning(db.GetOptions(&family), path);
            if (!status.ok())
                return tl::unexpected(rocks_error(status, "read " + family.GetName()));
        }
    }
    return {};
}

}  // namespace decklog::store
