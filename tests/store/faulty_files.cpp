#include "tests/store/faulty_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "domain/check.hpp"

namespace decklog::store::faulty {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

constexpr std::size_t kSectorBytes = 512;

std::string parent_of(const std::string& name) { return fs::path(name).parent_path().string(); }

/// One spelling a file: RocksDB joins paths with two slashes now and then.
std::string plain(const std::string& name) { return fs::path(name).lexically_normal().string(); }

bool is_wal(const std::string& name) { return name.ends_with(".log"); }

class Writable final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    Writable(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
             FaultyFiles::InodePtr inode, FaultyFiles& files)
        : FSWritableFileOwnerWrapper(std::move(file)),
          name_(std::move(name)),
          inode_(std::move(inode)),
          files_(files) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    IODebugContext* debug) override {
        if (files_.is_dead()) return gone();
        rocksdb::Slice kept = data;
        const auto failure = files_.fails(Operation::write, name_);
        if (failure == Failure::eio) return files_.status_of(*failure, name_);
        if (failure) kept = rocksdb::Slice(data.data(), files_.torn_size(data.size()));
        const IOStatus status = FSWritableFileOwnerWrapper::Append(kept, options, debug);
        if (status.ok()) files_.appended(*inode_, kept.size());
        return failure ? files_.status_of(*failure, name_) : status;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
        return Append(data, options, debug);
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                      IODebugContext* debug) override {
        if (files_.is_dead()) return gone();
        files_.truncated(*inode_, size);
        return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
        return sync([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
    }
    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        return sync([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
    }

  private:
    IOStatus gone() const { return IOStatus::IOError(name_, "the process is gone"); }
    template <class Syncing>
    IOStatus sync(Syncing syncing) {
        if (files_.is_dead()) return gone();
        if (const auto failure = files_.fails(Operation::sync, name_)) {
            files_.synced(*inode_, false);
            return files_.status_of(*failure, name_);
        }
        const IOStatus status = syncing();
        files_.synced(*inode_, status.ok());
        return status;
    }

    const std::string name_;
    const FaultyFiles::InodePtr inode_;
    FaultyFiles& files_;
};

class Sequential final : public rocksdb::FSSequentialFileOwnerWrapper {
  public:
    Sequential(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string name,
               FaultyFiles& files)
        : FSSequentialFileOwnerWrapper(std::move(file)), name_(std::move(name)), files_(files) {}
    IOStatus Read(std::size_t n, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                  IODebugContext* debug) override {
        if (const auto failure = files_.fails(Operation::read, name_))
            return files_.status_of(*failure, name_);
        return FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, debug);
    }

  private:
    const std::string name_;
    FaultyFiles& files_;
};

class RandomAccess final : public rocksdb::FSRandomAccessFileOwnerWrapper {
  public:
    RandomAccess(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string name,
                 FaultyFiles& files)
        : FSRandomAccessFileOwnerWrapper(std::move(file)), name_(std::move(name)), files_(files) {}
    IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions& options,
                  rocksdb::Slice* result, char* scratch, IODebugContext* debug) const override {
        if (const auto failure = files_.fails(Operation::read, name_))
            return files_.status_of(*failure, name_);
        return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
    }
    IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t count,
                       const IOOptions& options, IODebugContext* debug) override {
        if (const auto failure = files_.fails(Operation::read, name_))
            return files_.status_of(*failure, name_);
        return FSRandomAccessFileOwnerWrapper::MultiRead(requests, count, options, debug);
    }

  private:
    const std::string name_;
    FaultyFiles& files_;
};

class SyncedDirectory final : public rocksdb::FSDirectoryWrapper {
  public:
    SyncedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name,
                    FaultyFiles& files)
        : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), files_(files) {}
    IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
        return sync([&] { return FSDirectoryWrapper::Fsync(options, debug); });
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                                 const rocksdb::DirFsyncOptions& how) override {
        return sync([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how); });
    }

  private:
    template <class Syncing>
    IOStatus sync(Syncing syncing) {
        if (files_.is_dead()) return IOStatus::IOError(name_, "the process is gone");
        if (const auto failure = files_.fails(Operation::sync_directory, name_))
            return files_.status_of(*failure, name_);
        const IOStatus status = syncing();
        if (status.ok()) files_.directory_synced(name_);
        return status;
    }
    const std::string name_;
    FaultyFiles& files_;
};

}  // namespace

std::string to_text(const Fault& fault) {
    static constexpr const char* kOperationNames[kOperations] = {
        "open", "read", "write", "sync", "rename", "remove", "sync of directory"};
    static constexpr const char* kFailures[] = {"EIO", "ENOSPC", "torn"};
    return std::string(kFailures[static_cast<std::size_t>(fault.failure)]) + " on " +
           kOperationNames[static_cast<std::size_t>(fault.operation)] + " " +
           std::to_string(fault.after) + " of *" + fault.where + "*" +
           (fault.goes_on ? " and all after it" : "");
}

FaultyFiles::FaultyFiles(fs::path root, fs::path shadow)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      root_(std::move(root)),
      shadow_(std::move(shadow)) {
    adopt();
}

void FaultyFiles::adopt() {
    const Lock lock(mutex_);
    fs::remove_all(shadow_);
    fs::create_directories(shadow_);
    entries_.clear();
    unsynced_.clear();
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
        // HEAD and its like are written past this class.
        const bool is_ours = entry.path().parent_path() != root_;
        if (!is_ours || !entry.is_regular_file() || entry.path().filename() == "LOCK") continue;
        const InodePtr inode = new_inode(lock, entry.path().string());
        inode->written = inode->synced = entry.file_size();
        entries_[inode->name] = inode;
    }
    durable_ = entries_;
}

void FaultyFiles::arm(Fault fault) {
    const Lock lock(mutex_);
    faults_.push_back(std::move(fault));
}

void FaultyFiles::fail_at_random(std::uint32_t seed, std::uint32_t one_in) {
    const Lock lock(mutex_);
    random_.seed(seed);
    one_in_ = one_in;
}

void FaultyFiles::heal() {
    const Lock lock(mutex_);
    faults_.clear();
    one_in_ = 0;
}

std::uint64_t FaultyFiles::failures() const {
    const Lock lock(mutex_);
    return failures_;
}

std::uint64_t FaultyFiles::wal_appends(const std::string& where) const {
    const Lock lock(mutex_);
    std::uint64_t appends = 0;
    for (const auto& [name, count] : wal_appends_) {
        if (name.find(where) != std::string::npos) appends += count;
    }
    return appends;
}

std::uint64_t FaultyFiles::unsynced_wal_bytes() const {
    const Lock lock(mutex_);
    std::uint64_t bytes = 0;
    for (const auto& [name, inode] : entries_) {
        if (is_wal(name)) bytes += inode->written - inode->synced;
    }
    return bytes;
}

std::uint64_t FaultyFiles::wal_syncs() const {
    const Lock lock(mutex_);
    return wal_syncs_;
}

void FaultyFiles::die() {
    const Lock lock(mutex_);
    dead_ = true;
}

void FaultyFiles::revive() {
    const Lock lock(mutex_);
    dead_ = false;
}

bool FaultyFiles::is_dead() const {
    const Lock lock(mutex_);
    return dead_;
}

void FaultyFiles::lose_power(std::mt19937& random, bool torn) {
    const Lock lock(mutex_);
    // Entries reach the disk in their order.
    const std::size_t survived = torn && !unsynced_.empty() ? random() % (unsynced_.size() + 1) : 0;
    for (std::size_t i = 0; i < survived; ++i) {
        for (const auto& [name, inode] : unsynced_[i]) durable_[name] = inode;
    }
    unsynced_.clear();
    for (const auto& [name, inode] : entries_) fs::remove(name);
    std::erase_if(durable_, [](const auto& entry) { return entry.second == nullptr; });
    for (const auto& [name, inode] : durable_) {
        std::uint64_t size = inode->synced;
        const std::uint64_t unsynced = inode->written - inode->synced;
        if (torn && unsynced > 0) {
            const std::uint64_t sectors = random() % (unsynced / kSectorBytes + 2);
            size += std::min(unsynced, sectors * kSectorBytes);
        }
        fs::resize_file(inode->shadow, size);
        inode->written = inode->synced = size;
        inode->sync_failed = false;
        fs::remove(name);  // RocksDB opens its diary past this class
        fs::create_directories(fs::path(name).parent_path());  // removed meanwhile
        fs::create_hard_link(inode->shadow, name);
    }
    entries_ = durable_;
}

FaultyFiles::InodePtr FaultyFiles::new_inode(const Lock&, const std::string& name) {
    auto inode = std::make_shared<Inode>();
    inode->name = name;
    inode->shadow = shadow_ / std::to_string(inodes_++);
    std::error_code failed;
    fs::create_hard_link(name, inode->shadow, failed);
    DECKLOG_CHECK(!failed);
    return inode;
}

void FaultyFiles::change(const Lock&, Change change) {
    for (const auto& [name, inode] : change) {
        if (inode == nullptr) {
            entries_.erase(name);
        } else {
            entries_[name] = inode;
        }
    }
    unsynced_.push_back(std::move(change));
}

std::optional<Failure> FaultyFiles::fails(Operation operation, const std::string& name) {
    const Lock lock(mutex_);
    if (operation == Operation::write && is_wal(name)) ++wal_appends_[name];
    std::optional<Failure> failure;
    for (Fault& fault : faults_) {
        if (fault.operation != operation || name.find(fault.where) == std::string::npos) continue;
        if (fault.after == 0) {
            failure = fault.failure;
            if (!fault.goes_on) fault.after = ~std::uint64_t{0};
        } else {
            --fault.after;
        }
    }
    if (!failure && one_in_ != 0 && random_() % one_in_ == 0)
        failure = static_cast<Failure>(random_() % 3);
    if (failure) ++failures_;
    return failure;
}

IOStatus FaultyFiles::status_of(Failure failure, const std::string& name) const {
    if (failure != Failure::enospc) return IOStatus::IOError(name, "Input/output error (test)");
    IOStatus full = IOStatus::NoSpace(name, "No space left on device (test)");
    full.SetRetryable(true);  // as RocksDB's own files do
    return full;
}

std::size_t FaultyFiles::torn_size(std::size_t size) {
    const Lock lock(mutex_);
    return size == 0 ? 0 : random_() % size;
}

void FaultyFiles::appended(Inode& inode, std::uint64_t bytes) {
    const Lock lock(mutex_);
    inode.written += bytes;
}

void FaultyFiles::synced(Inode& inode, bool well) {
    const Lock lock(mutex_);
    if (!well) inode.sync_failed = true;
    if (!inode.sync_failed) inode.synced = inode.written;
    if (well && is_wal(inode.name)) ++wal_syncs_;
}

void FaultyFiles::truncated(Inode& inode, std::uint64_t size) {
    const Lock lock(mutex_);
    inode.written = std::min(inode.written, size);
    inode.synced = std::min(inode.synced, size);
}

void FaultyFiles::directory_synced(const std::string& directory) {
    const Lock lock(mutex_);
    for (Change& change : unsynced_) {
        for (const auto& [name, inode] : change) {
            if (parent_of(name) == directory) durable_[name] = inode;
        }
        std::erase_if(change,
                      [&](const auto& entry) { return parent_of(entry.first) == directory; });
    }
    std::erase_if(unsynced_, [](const Change& change) { return change.empty(); });
}

IOStatus FaultyFiles::NewSequentialFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                        IODebugContext* debug) {
    if (const auto failure = fails(Operation::open, name)) return status_of(*failure, name);
    IOStatus status = FileSystemWrapper::NewSequentialFile(name, options, result, debug);
    if (status.ok()) *result = std::make_unique<Sequential>(std::move(*result), name, *this);
    return status;
}

IOStatus FaultyFiles::NewRandomAccessFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          IODebugContext* debug) {
    if (const auto failure = fails(Operation::open, name)) return status_of(*failure, name);
    IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, result, debug);
    if (status.ok()) *result = std::make_unique<RandomAccess>(std::move(*result), name, *this);
    return status;
}

IOStatus FaultyFiles::NewWritableFile(const std::string& given, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      IODebugContext* debug) {
    const std::string name = plain(given);
    if (is_dead()) return IOStatus::IOError(name, "the process is gone");
    if (const auto failure = fails(Operation::open, name)) return status_of(*failure, name);
    ::unlink(name.c_str());  // what it held stays under its shadow
    IOStatus status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
    if (!status.ok()) return status;
    const Lock lock(mutex_);
    const InodePtr inode = new_inode(lock, name);
    change(lock, {{name, inode}});
    *result = std::make_unique<Writable>(std::move(*result), name, inode, *this);
    return status;
}

IOStatus FaultyFiles::ReopenWritableFile(const std::string& given,
                                         const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result,
                                         IODebugContext* debug) {
    const std::string name = plain(given);
    if (is_dead()) return IOStatus::IOError(name, "the process is gone");
    if (const auto failure = fails(Operation::open, name)) return status_of(*failure, name);
    IOStatus status = FileSystemWrapper::ReopenWritableFile(name, options, result, debug);
    if (!status.ok()) return status;
    const Lock lock(mutex_);
    if (!entries_.contains(name)) change(lock, {{name, new_inode(lock, name)}});
    *result = std::make_unique<Writable>(std::move(*result), name, entries_.at(name), *this);
    return status;
}

IOStatus FaultyFiles::NewDirectory(const std::string& given, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* result,
                                   IODebugContext* debug) {
    IOStatus status = FileSystemWrapper::NewDirectory(given, options, result, debug);
    std::string name = plain(given);
    if (name.ends_with('/')) name.pop_back();
    if (status.ok()) *result = std::make_unique<SyncedDirectory>(std::move(*result), name, *this);
    return status;
}

IOStatus FaultyFiles::DeleteFile(const std::string& given, const IOOptions& options,
                                 IODebugContext* debug) {
    const std::string name = plain(given);
    if (is_dead()) return IOStatus::IOError(name, "the process is gone");
    if (const auto failure = fails(Operation::remove, name)) return status_of(*failure, name);
    IOStatus status = FileSystemWrapper::DeleteFile(name, options, debug);
    if (!status.ok()) return status;
    const Lock lock(mutex_);
    change(lock, {{name, nullptr}});
    return status;
}

IOStatus FaultyFiles::LinkFile(const std::string& given_from, const std::string& given_to,
                               const IOOptions& options, IODebugContext* debug) {
    return name_anew(plain(given_from), plain(given_to), Old::stays,
                     [&](const auto& from, const auto& to) {
                         return FileSystemWrapper::LinkFile(from, to, options, debug);
                     });
}

IOStatus FaultyFiles::RenameFile(const std::string& given_from, const std::string& given_to,
                                 const IOOptions& options, IODebugContext* debug) {
    return name_anew(plain(given_from), plain(given_to), Old::goes,
                     [&](const auto& from, const auto& to) {
                         return FileSystemWrapper::RenameFile(from, to, options, debug);
                     });
}

IOStatus FaultyFiles::name_anew(
    const std::string& from, const std::string& to, Old old,
    const std::function<IOStatus(const std::string&, const std::string&)>& in_truth) {
    if (is_dead()) return IOStatus::IOError(from, "the process is gone");
    if (const auto failure = fails(Operation::rename, from)) return status_of(*failure, from);
    IOStatus status = in_truth(from, to);
    if (!status.ok()) return status;
    const Lock lock(mutex_);
    const auto known = entries_.find(from);
    if (known == entries_.end()) return status;
    Change changed{{to, known->second}};
    if (old == Old::goes) changed.insert(changed.begin(), {from, nullptr});
    change(lock, std::move(changed));
    return status;
}

}  // namespace decklog::store::faulty
