// Opening ledger/: refuse what this release does not know or what has lost its catalogue, before
// RocksDB tidies it away.
#include <rocksdb/env.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>

#include "store/rows/manifest_note.hpp"
#include "store/rows/rocks_diary.hpp"
#include "store/rows/rocks_options.hpp"
#include "store/rows/rocks_rows.hpp"
#include "store/rows/rocks_status.hpp"
#include "store/rows/run_guard.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

bool is_known(const std::string& family) {
    return family == rocksdb::kDefaultColumnFamilyName ||
           std::find(kRowFamilyNames.begin(), kRowFamilyNames.end(), family) !=
               kRowFamilyNames.end();
}

/// A directory with data but without CURRENT would be taken for a new database, and its files for
/// garbage.
domain::Result<bool> is_new(const std::filesystem::path& directory) {
    std::error_code failed;
    if (std::filesystem::exists(directory / "CURRENT", failed)) return false;
    if (failed) return domain::fail(ErrorCode::io, "look for ledger/CURRENT: " + failed.message());
    for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
        const std::filesystem::path extension = entry.path().extension();
        if (extension == ".sst" || extension == ".log") {
            return domain::fail(ErrorCode::corrupt,
                                "ledger/: CURRENT is missing beside data files");
        }
    }
    if (failed) return domain::fail(ErrorCode::io, "list ledger/: " + failed.message());
    return true;
}

domain::Result<void> refuse_unknown_families(const std::string& directory,
                                             const rocksdb::DBOptions& options) {
    std::vector<std::string> names;
    const rocksdb::Status listed = rocksdb::DB::ListColumnFamilies(options, directory, &names);
    if (!listed.ok())
        return tl::unexpected(rocks_open_error(listed, "list the families of ledger/", directory));
    for (const std::string& name : names) {
        if (!is_known(name)) {
            return domain::fail(ErrorCode::other_format,
                                "ledger/: family " + name + " is not known to this release");
        }
    }
    return {};
}

std::vector<rocksdb::ColumnFamilyDescriptor> families() {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (std::size_t i = 0; i < kRowFamilyNames.size(); ++i) {
        families.emplace_back(std::string(kRowFamilyNames[i]),
                              ledger_family_options(static_cast<RowFamily>(i)));
    }
    families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
    return families;
}

/// RocksDB keeps a log file beside what it opens, unless it is given one.
class NoLog final : public rocksdb::Logger {
  public:
    using rocksdb::Logger::Logv;
    void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

}  // namespace

domain::Result<std::unique_ptr<RocksRows>> RocksRows::open(const std::filesystem::path& directory,
                                                           rocksdb::Env* env,
                                                           Durability durability) {
    rocksdb::DBOptions options = ledger_db_options(env);
    auto fresh = is_new(directory);
    if (!fresh) return tl::unexpected(std::move(fresh).error());
    if (!*fresh) {
        if (auto whole = check_manifest(directory, "ledger/"); !whole)
            return tl::unexpected(std::move(whole).error());
        if (auto known = refuse_unknown_families(directory.string(), options); !known) {
            return tl::unexpected(std::move(known).error());
        }
    }
    auto failure = std::make_shared<RocksFailure>("ledger/");
    options.listeners.push_back(failure);
    const auto manifest = std::make_shared<ManifestNote>(directory);
    options.listeners.push_back(manifest);
    options.listeners.push_back(std::make_shared<RunGuard>(
        rocksdb::Options(options, {}), [failure](const rocksdb::Status& status) {
            failure->set(rocks_error(status, "before a compaction of ledger/"));
        }));
    options.info_log = std::make_shared<RocksDiary>(directory);
    rocksdb::DB* db = nullptr;
    Families handles;
    const rocksdb::Status opened =
        rocksdb::DB::Open(options, directory.string(), families(), &handles, &db);
    if (!opened.ok()) return tl::unexpected(rocks_open_error(opened, "open ledger/", directory));
    manifest->note(*db);
    return std::unique_ptr<RocksRows>(new RocksRows(
        std::unique_ptr<rocksdb::DB>(db), std::move(handles), std::move(failure), durability));
}

domain::Result<std::unique_ptr<RocksRows>> RocksRows::open_to_read(
    const std::filesystem::path& directory) {
    rocksdb::DBOptions options = ledger_db_options(nullptr);
    options.create_if_missing = false;
    options.create_missing_column_families = false;
    options.info_log = std::make_shared<NoLog>();
    if (auto known = refuse_unknown_families(directory.string(), options); !known)
        return tl::unexpected(std::move(known).error());
    rocksdb::DB* db = nullptr;
    Families handles;
    const rocksdb::Status opened =
        rocksdb::DB::OpenForReadOnly(options, directory.string(), families(), &handles, &db);
    if (!opened.ok())
        return tl::unexpected(rocks_open_error(opened, "open " + directory.string(), directory));
    return std::unique_ptr<RocksRows>(
        new RocksRows(std::unique_ptr<rocksdb::DB>(db), std::move(handles),
                      std::make_shared<RocksFailure>("a copy of ledger/"), Durability::synced));
}

domain::Result<void> RocksRows::checkpoint(const std::filesystem::path& directory) const {
    rocksdb::Checkpoint* made = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    // Zero: flush always. A write-ahead log that is linked unflushed may be unsynced on 7.8.
    if (status.ok()) status = checkpoint->CreateCheckpoint(directory.string(), 0);
    if (!status.ok()) return tl::unexpected(rocks_error(status, "checkpoint of ledger/"));
    return {};
}

}  // namespace decklog::store
