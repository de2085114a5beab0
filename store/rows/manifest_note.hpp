// How far a database's catalogue (MANIFEST) had come: a MANIFEST that is cut at a record's boundary
// opens clean, without the tables that it no longer names, and RocksDB then deletes them. Number
// and synced size stand in the file SEEN of the database's directory, unsynced, after every change
// of the catalogue; a start that finds less is refused before RocksDB tidies up.
#pragma once

#include <rocksdb/listener.h>

#include <filesystem>
#include <memory>
#include <mutex>

#include "domain/result.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::store {

/// Before opening. `what` names the database: "ledger/". Errors: corrupt, naming the file; io.
[[nodiscard]] domain::Result<void> check_manifest(const std::filesystem::path& directory,
                                                  const std::string& what);

/// Thread-safe. RocksDB calls it after its background work; its owner once after opening.
class ManifestNote final : public rocksdb::EventListener {
  public:
    explicit ManifestNote(std::filesystem::path directory) : directory_(std::move(directory)) {}
    void note(rocksdb::DB& db);
    void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo&) override { note(*db); }
    void OnCompactionCompleted(rocksdb::DB* db, const rocksdb::CompactionJobInfo&) override {
        note(*db);
    }
    void OnExternalFileIngested(rocksdb::DB* db,
                                const rocksdb::ExternalFileIngestionInfo&) override {
        note(*db);
    }

  private:
    const std::filesystem::path directory_;
    std::mutex mutex_;
    FileDescriptor file_;
};

}  // namespace decklog::store
