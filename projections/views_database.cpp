#include "projections/views_database.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "projections/counts_merge.hpp"
#include "projections/limits.hpp"
#include "projections/row_bytes.hpp"
#include "store/log.hpp"
#include "store/rows/rocks_diary.hpp"
#include "store/rows/rocks_status.hpp"

namespace decklog::projections {
namespace {

constexpr std::string_view kMeta = "meta";
constexpr std::string_view kOwner = "owner";
constexpr std::string_view kFormat = "decklog views 2";
constexpr std::size_t kTagBytes = 1;  // every key begins with what kind of row it is

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.format_version = 5;
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.merge_operator = counts_merge_operator();
    options.write_buffer_size = limits::kWriteBufferBytes;
    options.compression = rocksdb::kLZ4Compression;
    // Folds look up keys that are mostly not there yet (a message never seen before).
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.memtable_whole_key_filtering = true;
    return options;
}

/// Of a view's rows, which are written in the order of keys: the place of one is looked for beside
/// the one before. Never of a family in which ranges are deleted: RocksDB 7.8 takes the hints of
/// its rows for those of its ranges, and writes past them.
rocksdb::ColumnFamilyOptions rows_options(rocksdb::ColumnFamilyOptions options) {
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kTagBytes));
    // Every batch writes rows all over the keys. Compaction in levels copies the whole first level,
    // up to 256 MB, for every four write buffers; merging runs of like size copies each row a few
    // times in all.
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    return options;
}

rocksdb::Options database_options(rocksdb::Env* env) {
    const auto cache = rocksdb::NewLRUCache(limits::kBlockCacheBytes);
    rocksdb::Options options(rocksdb::DBOptions(), family_options(cache));
    if (env != nullptr) options.env = env;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    // Hints work for one writer at a time.
    options.allow_concurrent_memtable_write = false;
    options.max_total_wal_size = limits::kWalBytesMax;
    options.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(
        limits::kAllWriteBuffersBytes, cache, /*allow_stall=*/false);
    return options;
}

constexpr std::string_view kLive = "live/";
std::string live_key(std::string_view view) { return std::string(kLive).append(view); }
std::string kept_key(std::string_view view) { return std::string("kept/").append(view); }
std::string record_key(std::string_view instance) {
    return std::string("instance/").append(instance);
}
std::string parked_prefix(std::string_view instance) {
    return std::string("parked/").append(instance).append(1, '\0');
}

std::string encode(const InstanceRecord& record) {
    std::string bytes;
    put_be64(bytes, record.next_ordinal);
    put_be64_signed(bytes, record.recorded_at_us);
    put_be64(bytes, record.fingerprint);
    bytes.append(record.chain.begin(), record.chain.end());
    return bytes;
}

std::optional<InstanceRecord> decode_record(std::string_view bytes) {
    RowBytes fields(bytes);
    InstanceRecord record;
    record.next_ordinal = fields.be64();
    record.recorded_at_us = fields.be64_signed();
    record.fingerprint = fields.be64();
    const std::string_view chain = fields.rest();
    if (!fields.ok() || chain.size() != record.chain.size()) return std::nullopt;
    std::copy(chain.begin(), chain.end(), record.chain.begin());
    return record;
}

std::optional<KeptBuild> decode_kept(std::string_view bytes) {
    RowBytes fields(bytes);
    KeptBuild kept;
    kept.since_us = fields.be64_signed();
    kept.instance = fields.rest();
    return fields.ok() ? std::optional(kept) : std::nullopt;
}

rocksdb::ReadOptions reading(const SnapshotPtr& at) {
    rocksdb::ReadOptions options;
    if (at) options.snapshot = at->get();
    return options;
}

}  // namespace

bool blames_files(const rocksdb::Status& status) {
    // RocksDB says "invalid argument" of options that do not fit what is stored, and of files that
    // it could not read to find that out.
    const bool could_not_read =
        status.IsInvalidArgument() && status.ToString().find("IO error") != std::string::npos;
    return !could_not_read && !store::says_nothing_of_the_files(status);
}

RowFamily::~RowFamily() {
    // Fails only for handles that are not this database's.
    static_cast<void>(db_->DestroyColumnFamilyHandle(handle_).ok());
}

domain::Result<ViewsDatabase> ViewsDatabase::try_open(const std::filesystem::path& dir,
                                                      rocksdb::Env* env,
                                                      const store::RunGuard::Told& unreadable) {
    rocksdb::Options options = database_options(env);
    options.info_log = std::make_shared<store::RocksDiary>(dir);
    if (unreadable)
        options.listeners.push_back(std::make_shared<store::RunGuard>(options, unreadable));
    std::vector<std::string> names;
    const auto listed = rocksdb::DB::ListColumnFamilies(options, dir.string(), &names);
    if (!listed.ok() && !blames_files(listed)) {
        domain::Error error = store::rocks_error(listed, "open views/");
        error.retryable = true;
        return tl::unexpected(std::move(error));
    }
    if (!listed.ok()) names.assign(1, rocksdb::kDefaultColumnFamilyName);
    if (std::find(names.begin(), names.end(), kMeta) == names.end()) names.emplace_back(kMeta);

    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const auto& name : names) {
        const bool holds_rows = name != kMeta && name != rocksdb::kDefaultColumnFamilyName;
        descriptors.emplace_back(name, options);
        if (holds_rows) descriptors.back().options = rows_options(options);
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* raw = nullptr;
    const auto opened = rocksdb::DB::Open(options, dir.string(), descriptors, &handles, &raw);
    if (!opened.ok()) {
        domain::Error error = store::rocks_error(opened, "open views/");
        error.retryable = !blames_files(opened);
        return tl::unexpected(std::move(error));
    }

    ViewsDatabase database;
    database.db_.reset(raw);
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto family = std::make_shared<RowFamily>(database.db_, handles[i]);
        if (names[i] == kMeta) {
            database.meta_ = std::move(family);
        } else if (names[i] != rocksdb::kDefaultColumnFamilyName) {
            database.families_.emplace(names[i], std::move(family));
        }
    }
    return database;
}

domain::Result<ViewsDatabase> ViewsDatabase::open(const std::filesystem::path& dir,
                                                  std::string_view owner, rocksdb::Env* env,
                                                  const std::string& damage,
                                                  const store::RunGuard::Told& unreadable) {
    const std::string expected = fmt::format("{}\n{}", kFormat, owner);
    std::error_code ignored;
    const bool existed = std::filesystem::exists(dir, ignored);
    std::string why = damage;
    std::map<std::string, std::string, std::less<>> live_before;
    if (why.empty()) {
        auto database = try_open(dir, env, unreadable);
        // Files that are damaged are cheaper to fold again than to mend.
        if (!database && database.error().retryable) return database;
        if (database) {
            const auto found = database->get(kOwner, {});
            if (!found && found.error().code != domain::ErrorCode::corrupt)
                return tl::unexpected(found.error());
            if (found && *found == expected) return database;
            live_before = database->all_live();
        }
        why = database ? "another build, format or ledger wrote it" : database.error().context;
    }
    if (existed) store::log_warn("views", {}, "views/ is dropped and folded again: {}", why);
    std::filesystem::remove_all(dir, ignored);
    std::filesystem::create_directories(dir, ignored);
    auto database = try_open(dir, env, unreadable);
    if (!database) return database;
    database->live_before_ = std::move(live_before);
    rocksdb::WriteBatch batch;
    batch.Put(database->meta_->handle(), slice(kOwner), slice(expected));
    if (const auto written = database->write(batch); !written)
        return tl::unexpected(written.error());
    return database;
}

domain::Result<FamilyPtr> ViewsDatabase::create(const std::string& instance) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    const auto status =
        db_->CreateColumnFamily(rows_options(db_->GetOptions(meta_->handle())), instance, &handle);
    if (!status.ok()) return tl::unexpected(store::rocks_error(status, "create " + instance));
    auto family = std::make_shared<RowFamily>(db_, handle);
    families_[instance] = family;
    return family;
}

FamilyPtr ViewsDatabase::find(const std::string& instance) const {
    const auto found = families_.find(instance);
    return found == families_.end() ? nullptr : found->second;
}

std::vector<std::string> ViewsDatabase::instances() const {
    std::vector<std::string> names;
    for (const auto& [name, family] : families_) names.push_back(name);
    return names;
}

domain::Result<void> ViewsDatabase::drop(const std::string& instance) {
    rocksdb::WriteBatch batch;
    const std::string parked = parked_prefix(instance);
    batch.Delete(meta_->handle(), record_key(instance));
    batch.DeleteRange(meta_->handle(), parked, end_of_prefix(parked));
    if (auto written = write(batch); !written) return written;
    const auto found = families_.find(instance);
    if (found == families_.end()) return {};
    // A dropped family is gone for good at once: what says that another one is live must be, too.
    if (const auto synced = db_->SyncWAL(); !synced.ok())
        return tl::unexpected(store::rocks_error(synced, "sync views/"));
    const auto status = db_->DropColumnFamily(found->second->handle());
    families_.erase(found);
    if (!status.ok()) return tl::unexpected(store::rocks_error(status, "drop " + instance));
    return {};
}

domain::Result<std::optional<std::string>> ViewsDatabase::get(std::string_view key,
                                                              const SnapshotPtr& at) const {
    std::string value;
    const auto status = db_->Get(reading(at), meta_->handle(), slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    if (!status.ok()) return tl::unexpected(store::rocks_error(status, "read views/ meta"));
    return value;
}

domain::Result<std::optional<std::string>> ViewsDatabase::live(std::string_view view) const {
    return get(live_key(view), {});
}

std::map<std::string, std::string, std::less<>> ViewsDatabase::all_live() const {
    const std::unique_ptr<rocksdb::Iterator> row(
        db_->NewIterator(rocksdb::ReadOptions(), meta_->handle()));
    std::map<std::string, std::string, std::less<>> all;
    for (row->Seek(slice(kLive)); row->Valid() && row->key().starts_with(slice(kLive)); row->Next())
        all.emplace(row->key().ToStringView().substr(kLive.size()), row->value().ToStringView());
    return all;
}

std::optional<std::string> ViewsDatabase::live_before(std::string_view view) const {
    const auto found = live_before_.find(view);
    return found == live_before_.end() ? std::nullopt : std::optional(found->second);
}

domain::Result<std::optional<KeptBuild>> ViewsDatabase::kept(std::string_view view) const {
    const auto bytes = get(kept_key(view), {});
    if (!bytes) return tl::unexpected(bytes.error());
    return *bytes ? decode_kept(**bytes) : std::nullopt;
}

domain::Result<std::optional<InstanceRecord>> ViewsDatabase::record(std::string_view instance,
                                                                    const SnapshotPtr& at) const {
    const auto bytes = get(record_key(instance), at);
    if (!bytes) return tl::unexpected(bytes.error());
    return *bytes ? decode_record(**bytes) : std::nullopt;
}

domain::Result<ParkedKeys> ViewsDatabase::parked(std::string_view instance,
                                                 const SnapshotPtr& at) const {
    const std::string prefix = parked_prefix(instance);
    const std::unique_ptr<rocksdb::Iterator> row(db_->NewIterator(reading(at), meta_->handle()));
    ParkedKeys keys;
    for (row->Seek(prefix); row->Valid() && row->key().starts_with(prefix); row->Next()) {
        RowBytes fields(row->value().ToStringView());
        ParkedAt parked;
        parked.ordinal = fields.be64();
        parked.events = fields.be64();
        parked.reason = fields.rest();
        keys.emplace(row->key().ToStringView().substr(prefix.size()), std::move(parked));
    }
    if (!row->status().ok())
        return tl::unexpected(store::rocks_error(row->status(), "read parked keys"));
    return keys;
}

SnapshotPtr ViewsDatabase::snapshot() const { return std::make_shared<DatabaseSnapshot>(db_); }

void ViewsDatabase::put_live(rocksdb::WriteBatch& batch, std::string_view view,
                             std::string_view instance) const {
    batch.Put(meta_->handle(), live_key(view), slice(instance));
}

void ViewsDatabase::put_kept(rocksdb::WriteBatch& batch, std::string_view view,
                             const KeptBuild& kept) const {
    std::string value;
    put_be64_signed(value, kept.since_us);
    value.append(kept.instance);
    batch.Put(meta_->handle(), kept_key(view), value);
}

void ViewsDatabase::erase_kept(rocksdb::WriteBatch& batch, std::string_view view) const {
    batch.Delete(meta_->handle(), kept_key(view));
}

void ViewsDatabase::put_record(rocksdb::WriteBatch& batch, std::string_view instance,
                               const InstanceRecord& record) const {
    batch.Put(meta_->handle(), record_key(instance), encode(record));
}

void ViewsDatabase::put_parked(rocksdb::WriteBatch& batch, std::string_view instance,
                               std::string_view key, const ParkedAt& at) const {
    std::string value;
    put_be64(value, at.ordinal);
    put_be64(value, at.events);
    value.append(at.reason);
    batch.Put(meta_->handle(), parked_prefix(instance).append(key), value);
}

domain::Result<void> ViewsDatabase::write(rocksdb::WriteBatch& batch) const {
    const auto status = db_->Write(rocksdb::WriteOptions(), &batch);
    if (!status.ok()) return tl::unexpected(store::rocks_error(status, "write views/"));
    return {};
}

domain::Result<void> ViewsDatabase::resume() const {
    const auto status = db_->Resume();
    if (!status.ok()) return tl::unexpected(store::rocks_error(status, "write views/ again"));
    return {};
}

}  // namespace decklog::projections
