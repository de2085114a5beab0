#include "store/rows/rocks_purge.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <thread>

#include "store/limits.hpp"
#include "store/rows/rocks_status.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr std::chrono::milliseconds kPause{20};

constexpr std::string_view kTable = ".sst";
constexpr std::string_view kWriteAheadLog = ".log";

/// Files of one kind in the directory that are not empty, whether RocksDB still knows them or not.
domain::Result<std::vector<std::string>> files_of(rocksdb::DB& db, std::string_view kind,
                                                  const std::string& what) {
    std::vector<rocksdb::Env::FileAttributes> files;
    const rocksdb::Status listed = db.GetEnv()->GetChildrenFileAttributes(db.GetName(), &files);
    if (!listed.ok()) return tl::unexpected(rocks_error(listed, "list the files of " + what));
    std::vector<std::string> names;
    for (const auto& file : files) {
        if (file.size_bytes > 0 && file.name.ends_with(kind)) names.push_back(file.name);
    }
    return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RocksPurge::RocksPurge(rocksdb::DB& db, std::string what, std::atomic<bool>* cancelled)
    : db_(db),
      what_(std::move(what)),
      cancelled_(cancelled),
      deleted_at_(db.GetLatestSequenceNumber()),
      pauses_left_(static_cast<int>(limits::kPurgePatience / kPause)) {}

domain::Result<void> RocksPurge::flush(const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
    // Every log that holds something now holds it for tables that the flush writes.
    auto logs = files_of(db_, kWriteAheadLog, what_);
    if (!logs) return tl::unexpected(std::move(logs).error());
    logs_before_ = std::move(*logs);
    rocksdb::FlushOptions options;
    options.wait = true;
    const rocksdb::Status flushed = db_.Flush(options, families);
    if (!flushed.ok()) return tl::unexpected(rocks_error(flushed, "flush " + what_));
    auto tables = files_of(db_, kTable, what_);
    if (!tables) return tl::unexpected(std::move(tables).error());
    tables_before_ = std::move(*tables);
    return {};
}

domain::Result<void> RocksPurge::compact(rocksdb::ColumnFamilyHandle* family,
                                         std::string_view begin, std::string_view end) {
    if (auto waited = wait_for_snapshots(); !waited) return waited;
    rocksdb::CompactRangeOptions options;
    // kForceOptimized would leave alone what the same call wrote, which is sound; kForce is plain.
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    options.canceled = cancelled_;
    const rocksdb::Slice from(begin.data(), begin.size());
    const rocksdb::Slice to(end.data(), end.size());
    const bool whole = begin.empty() && end.empty();
    const rocksdb::Status compacted =
        db_.CompactRange(options, family, whole ? nullptr : &from, whole ? nullptr : &to);
    if (compacted.IsIncomplete() || compacted.IsManualCompactionPaused())
        return domain::fail(ErrorCode::stopped, "compacting " + what_ + " was ended", true);
    if (!compacted.ok()) return tl::unexpected(rocks_error(compacted, "compact " + what_));
    return {};
}

domain::Result<void> RocksPurge::wait_for_snapshots() {
    while (!snapshots_gone_) {
        std::uint64_t oldest = 0;  // none
        if (!db_.GetIntProperty("rocksdb.oldest-snapshot-sequence", &oldest))
            return domain::fail(ErrorCode::io, what_ + " does not say which snapshots it has");
        snapshots_gone_ = oldest == 0 || oldest >= deleted_at_;
        if (snapshots_gone_) break;
        if (auto paused = pause("a snapshot"); !paused) return paused;
    }
    return {};
}

domain::Result<bool> RocksPurge::files_are_gone() {
    // Asking for the live files also makes RocksDB delete what it no longer needs.
    rocksdb::LiveFilesStorageInfoOptions options;
    options.wal_size_for_flush = std::numeric_limits<std::uint64_t>::max();  // no flush
    std::vector<rocksdb::LiveFileStorageInfo> infos;
    const rocksdb::Status told = db_.GetLiveFilesStorageInfo(options, &infos);
    if (!told.ok()) return tl::unexpected(rocks_error(told, "ask for the files of " + what_));
    std::set<std::string> live;
    for (const auto& info : infos) live.insert(info.relative_filename);
    const auto logs = files_of(db_, kWriteAheadLog, what_);
    if (!logs) return tl::unexpected(logs.error());
    const auto tables = files_of(db_, kTable, what_);
    if (!tables) return tl::unexpected(tables.error());
    const bool log_left = std::any_of(logs->begin(), logs->end(), [this](const std::string& name) {
        return has(logs_before_, name);
    });
    const bool table_left = std::any_of(
        tables->begin(), tables->end(),
        [&](const std::string& name) { return has(tables_before_, name) && !live.contains(name); });
    return !log_left && !table_left;
}

domain::Result<void> RocksPurge::wait_for_files() {
    while (true) {
        const auto gone = files_are_gone();
        if (!gone) return tl::unexpected(gone.error());
        if (*gone) return {};
        if (auto paused = pause("a reader or a copy"); !paused) return paused;
    }
}

domain::Result<void> RocksPurge::pause(std::string_view for_what) {
    if (cancelled_ != nullptr && cancelled_->load())
        return domain::fail(ErrorCode::stopped, "cleaning " + what_ + " was ended", true);
    if (pauses_left_-- <= 0) {
        return domain::fail(ErrorCode::io,
                            std::string(for_what) + " still needs deleted bytes of " + what_, true);
    }
    std::this_thread::sleep_for(kPause);
    return {};
}

}  // namespace decklog::store
