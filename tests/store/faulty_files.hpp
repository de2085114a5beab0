// A file system that fails on request and forgets what was not synced. It stands between RocksDB
// and the real files: it counts operations, makes the chosen ones fail (EIO, ENOSPC, a torn write),
// and knows for every file how many bytes were synced and for every directory which entries were.
// `lose_power` then leaves on the disk only what a machine would find after its power came back:
// synced bytes and entries, and, torn, any part of the rest that a disk may have got to.
//
// After a sync that failed the bytes it was about never become durable, as on Linux, where a second
// fsync reports success for pages that were thrown away. Thread-safe.
#pragma once

#include <rocksdb/file_system.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace decklog::store::faulty {

enum class Operation : std::uint8_t { open, read, write, sync, rename, remove, sync_directory };
inline constexpr std::size_t kOperations = 7;

enum class Failure : std::uint8_t {
    eio,     // nothing happens
    enospc,  // some of it may happen
    torn,    // a write that stops in the middle, with EIO
};

struct Fault {
    Operation operation = Operation::write;
    std::uint64_t after = 0;  // as many such operations go well first
    Failure failure = Failure::eio;
    bool goes_on = false;    // and all after it fail, too
    std::string where = {};  // only files whose path holds this
};

[[nodiscard]] std::string to_text(const Fault& fault);

class FaultyFiles final : public rocksdb::FileSystemWrapper {
  public:
    /// What is under `root` now counts as durable. `shadow` is a directory of the same file system
    /// outside of it, for this class alone.
    FaultyFiles(std::filesystem::path root, std::filesystem::path shadow);

    /// Everything under `root` is durable now, whoever wrote it. Nothing may have files open.
    void adopt();

    void arm(Fault fault);
    /// Any operation may fail, one in so many.
    void fail_at_random(std::uint32_t seed, std::uint32_t one_in);
    void heal();
    /// Operations that were made to fail so far.
    [[nodiscard]] std::uint64_t failures() const;
    /// Appends to write-ahead logs whose path holds `where`.
    [[nodiscard]] std::uint64_t wal_appends(const std::string& where) const;
    [[nodiscard]] std::uint64_t unsynced_wal_bytes() const;
    [[nodiscard]] std::uint64_t wal_syncs() const;

    /// The process is gone: nothing reaches the files any more, until `revive`.
    void die();
    void revive();
    /// Nothing may have files open. Torn: some unsynced bytes and entries survive.
    void lose_power(std::mt19937& random, bool torn);

    [[nodiscard]] const char* Name() const override { return "FaultyFiles"; }
    rocksdb::IOStatus NewSequentialFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                        rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus ReopenWritableFile(const std::string& name,
                                         const rocksdb::FileOptions& options,
                                         std::unique_ptr<rocksdb::FSWritableFile>* result,
                                         rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* result,
                                   rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;

    /// A file's content, whatever it is called.
    struct Inode {
        std::filesystem::path shadow;  // another name of it, which keeps it
        std::string name;              // the first one it had
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
        bool sync_failed = false;
    };
    using InodePtr = std::shared_ptr<Inode>;

    // For the files this hands out.
    [[nodiscard]] std::optional<Failure> fails(Operation operation, const std::string& name);
    [[nodiscard]] rocksdb::IOStatus status_of(Failure failure, const std::string& name) const;
    [[nodiscard]] bool is_dead() const;
    [[nodiscard]] std::size_t torn_size(std::size_t size);
    void appended(Inode& inode, std::uint64_t bytes);
    void synced(Inode& inode, bool well);
    void truncated(Inode& inode, std::uint64_t size);
    void directory_synced(const std::string& name);

  private:
    using Lock = std::unique_lock<std::mutex>;
    /// One change of directories: names and what they stand for afterwards (null: nothing).
    using Change = std::vector<std::pair<std::string, InodePtr>>;

    enum class Old : bool { stays, goes };
    /// A file gets another name; what becomes of its old one.
    rocksdb::IOStatus name_anew(
        const std::string& from, const std::string& to, Old old,
        const std::function<rocksdb::IOStatus(const std::string&, const std::string&)>& in_truth);
    void change(const Lock&, Change change);
    [[nodiscard]] InodePtr new_inode(const Lock&, const std::string& name);

    const std::filesystem::path root_;
    const std::filesystem::path shadow_;
    mutable std::mutex mutex_;
    std::map<std::string, InodePtr> entries_;  // as they are
    std::map<std::string, InodePtr> durable_;  // as they would be after a loss of power
    std::vector<Change> unsynced_;
    std::vector<Fault> faults_;
    std::mt19937 random_;
    std::uint32_t one_in_ = 0;
    std::uint64_t failures_ = 0;
    std::map<std::string, std::uint64_t> wal_appends_;
    std::uint64_t wal_syncs_ = 0;
    std::uint64_t inodes_ = 0;
    bool dead_ = false;
};

}  // namespace decklog::store::faulty
