#include "store/rows/rocks_bulk.hpp"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <memory>
#include <string>

#include "domain/check.hpp"
#include "store/share_work.hpp"

namespace decklog::store {
namespace {

std::uint64_t first_bytes(std::string_view key) {
    std::uint64_t order = 0;
    for (std::size_t i = 0; i < sizeof order; ++i)
        order = (order << 8U) | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0U);
    return order;
}

/// Leaves nothing behind, whatever becomes of the files.
class EmptyFolder {
  public:
    EmptyFolder(rocksdb::Env& env, std::string path) : env_(env), path_(std::move(path)) {
        clear();
    }
    ~EmptyFolder() { clear(); }
    EmptyFolder(const EmptyFolder&) = delete;
    EmptyFolder& operator=(const EmptyFolder&) = delete;
    [[nodiscard]] rocksdb::Status make() { return env_.CreateDirIfMissing(path_); }
    [[nodiscard]] std::string file(std::string_view name) const {
        return path_ + "/" + std::string(name) + ".sst";
    }

  private:
    /// What stays is in the way of nothing, and cleared the next time.
    void clear() const {
        std::vector<std::string> files;
        if (!env_.GetChildren(path_, &files).ok()) return;
        for (const std::string& file : files)
            static_cast<void>(env_.DeleteFile(path_ + "/" + file).ok());
        static_cast<void>(env_.DeleteDir(path_).ok());
    }
    rocksdb::Env& env_;
    const std::string path_;
};

}  // namespace

void RocksBulk::put(RowFamily family, std::string_view key, std::string_view value) {
    FamilyRows& rows = families_[index_of(family)];
    rows.rows.push_back({first_bytes(key), rows.bytes.size(),
                         static_cast<std::uint32_t>(key.size()),
                         static_cast<std::uint32_t>(value.size())});
    rows.bytes.insert(rows.bytes.end(), key.begin(), key.end());
    rows.bytes.insert(rows.bytes.end(), value.begin(), value.end());
    bytes_ += key.size() + value.size();
}

void RocksBulk::erase(RowFamily, std::string_view) { DECKLOG_CHECK(false); }
void RocksBulk::erase_range(RowFamily, std::string_view, std::string_view) { DECKLOG_CHECK(false); }

/// Rows of one key stay in the order in which they were put.
void RocksBulk::FamilyRows::sort() {
    std::sort(rows.begin(), rows.end(), [this](const Row& a, const Row& b) {
        if (a.order != b.order) return a.order < b.order;
        const int compared = key_of(a).compare(key_of(b));
        return compared != 0 ? compared < 0 : a.begin < b.begin;
    });
}

rocksdb::Status RocksBulk::FamilyRows::write_to(rocksdb::SstFileWriter& file) {
    sort();
    for (auto row = rows.begin(); row != rows.end(); ++row) {
        const auto next = row + 1;
        if (next != rows.end() && key_of(*next) == key_of(*row)) continue;
        if (auto put = file.Put(key_of(*row), value_of(*row)); !put.ok()) return put;
    }
    return file.Finish();
}

rocksdb::Status RocksBulk::ingest(rocksdb::DB& db, const Families& families,
                                  const std::string& directory) {
    EmptyFolder folder(*db.GetEnv(), directory);
    if (auto made = folder.make(); !made.ok()) return made;
    std::array<rocksdb::Status, kRowFamilyNames.size()> written;
    share_work(families_.size(), [&](std::size_t i) {
        if (families_[i].rows.empty()) return;
        rocksdb::SstFileWriter file(rocksdb::EnvOptions(), db.GetOptions(families[i]), families[i],
                                    /*invalidate_page_cache=*/false);
        written[i] = file.Open(folder.file(kRowFamilyNames[i]));
        if (written[i].ok()) written[i] = families_[i].write_to(file);
    });
    std::vector<rocksdb::IngestExternalFileArg> files;
    for (std::size_t i = 0; i < families_.size(); ++i) {
        if (families_[i].rows.empty()) continue;
        if (!written[i].ok()) return written[i];
        rocksdb::IngestExternalFileArg arg;
        arg.column_family = families[i];
        arg.external_files = {folder.file(kRowFamilyNames[i])};
        arg.options.move_files = true;
        arg.options.write_global_seqno = false;  // the catalogue has it; the file stays as synced
        files.push_back(std::move(arg));
    }
    if (files.empty()) return rocksdb::Status::OK();
    // Not SyncWAL (rocks_options.cpp).
    if (auto flushed = db.Flush(rocksdb::FlushOptions(), families); !flushed.ok()) return flushed;
    return db.IngestExternalFiles(files);
}

}  // namespace decklog::store
