// What RocksDB has to say, in `LOG` beside its files. RocksDB's own writer of that file ends the
// process at the second line that cannot be written (a full disk, a limit on file sizes), whatever
// becomes of the data. Here such a line is lost, and the work it tells about goes on.
#pragma once

#include <rocksdb/env.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>

namespace decklog::store {

/// Warnings and worse; at most two files of kDiaryBytesMax, `LOG` and `LOG.old`. Thread-safe.
class RocksDiary final : public rocksdb::Logger {
  public:
    /// Nothing is made before there is something to write: the directory need not be there yet.
    explicit RocksDiary(std::filesystem::path directory);

    using rocksdb::Logger::Logv;
    void Logv(const char* format, va_list arguments) override;
    /// Every open would tell all its options, which stand in OPTIONS-* too.
    void LogHeader(const char* /*format*/, va_list /*arguments*/) override {}

  private:
    struct Close {
        void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
    };
    [[nodiscard]] bool has_room();

    const std::filesystem::path directory_;
    std::mutex mutex_;
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace decklog::store
