// Makes the planned backups: looks at what stands in the directory, waits until one is due, makes
// it under a name that says when, and only then deletes what it has outlived. A backup in the
// making has a hidden name, so what bears a date is finished. Owns one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/backup/backups.hpp"

namespace decklog::api {

class BackupKeeper {
  public:
    /// Looks at what stands in the planned directory. `backups` has a plan and outlives the keeper.
    explicit BackupKeeper(Backups& backups);
    /// Turns on a thread of its own from here on.
    void start();
    /// Ends a backup in the making and removes it.
    ~BackupKeeper();
    BackupKeeper(const BackupKeeper&) = delete;
    BackupKeeper& operator=(const BackupKeeper&) = delete;

    /// One look: makes a backup when one is due, then deletes. True when one was made. One
    /// thread.
    bool turn(const std::stop_token& stop = {});

  private:
    void run(const std::stop_token& stop);
    [[nodiscard]] domain::Result<void> make(std::int64_t now_us, const std::stop_token& stop);
    void delete_outlived(std::int64_t now_us);

    Backups& backups_;
    const BackupPlan& plan_;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

/// Finished backups in the directory that are of this ledger, under this or an earlier id.
[[nodiscard]] std::vector<FoundBackup> find_backups(const std::filesystem::path& dir,
                                                    const store::LogReader& ledger);

}  // namespace decklog::api
