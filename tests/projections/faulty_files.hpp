// The machine's files with switches: every change of a file refused from the n-th on (what a
// process killed at that point has done, for whoever opens the files afterwards), and opens for
// reading that fail as they do when a process has too many files open.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace decklog::projections::test_log {

struct Faults {
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    std::atomic<std::int64_t> changes_left{kNever};
    std::atomic<bool> no_space = false;  // what a refused change says; else an I/O error
    std::atomic<bool> no_opens = false;
    std::atomic<std::int64_t> refused{0};

    [[nodiscard]] rocksdb::IOStatus change() {
        if (changes_left.load() == kNever || changes_left.fetch_sub(1) > 0)
            return rocksdb::IOStatus::OK();
        changes_left = 0;
        ++refused;
        if (!no_space) return rocksdb::IOStatus::IOError("the test says no");
        auto full = rocksdb::IOStatus::NoSpace("the test says full");
        full.SetRetryable(true);
        return full;
    }
};

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> file, Faults& faults)
        : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
        auto status = faults_.change();
        return status.ok() ? FSWritableFileOwnerWrapper::Append(data, options, debug) : status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* debug) override {
        return Append(data, options, debug);
    }

  private:
    Faults& faults_;
};

class FaultyFiles final : public rocksdb::FileSystemWrapper {
  public:
    explicit FaultyFiles(Faults& faults)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), faults_(faults) {}
    [[nodiscard]] const char* Name() const override { return "FaultyFiles"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* debug) override {
        if (auto status = faults_.change(); !status.ok()) return status;
        auto status = FileSystemWrapper::NewWritableFile(name, options, result, debug);
        if (status.ok()) *result = std::make_unique<FaultyFile>(std::move(*result), faults_);
        return status;
    }
    rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                          rocksdb::IODebugContext* debug) override {
        if (faults_.no_opens) return rocksdb::IOStatus::IOError(name, "Too many open files");
        return FileSystemWrapper::NewRandomAccessFile(name, options, result, debug);
    }
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                                 const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
        auto status = faults_.change();
        return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, debug) : status;
    }
    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override {
        auto status = faults_.change();
        return status.ok() ? FileSystemWrapper::DeleteFile(name, options, debug) : status;
    }

  private:
    Faults& faults_;
};

/// An Env over faulty files, and its switches.
struct FaultyEnv {
    Faults faults;
    std::unique_ptr<rocksdb::Env> env =
        rocksdb::NewCompositeEnv(std::make_shared<FaultyFiles>(faults));
};

}  // namespace decklog::projections::test_log
