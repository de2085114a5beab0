// Fail-stop for a RocksDB of ours. RocksDB mends itself after some errors of its background work (a
// full disk that has room again) and then reports success while writes may go on failing, so its
// first error is kept here, its own recovery is forbidden, and whoever owns the database writes no
// more. Thread-safe; shared by the database's threads and its owner.
#pragma once

#include <rocksdb/listener.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "domain/result.hpp"

namespace decklog::store {

class RocksFailure final : public rocksdb::EventListener {
  public:
    /// `what` names the database in the error: "ledger/".
    explicit RocksFailure(std::string what) : what_(std::move(what)) {}

    /// Keeps the first one.
    void set(domain::Error error);
    [[nodiscard]] bool is_set() const { return is_set_.load(std::memory_order_acquire); }
    [[nodiscard]] std::optional<domain::Error> get() const;

    // Called by RocksDB, with its own locks held.
    void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override;
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason, rocksdb::Status error,
                              bool* auto_recovery) override;

  private:
    const std::string what_;
    std::atomic<bool> is_set_{false};
    mutable std::mutex mutex_;
    domain::Error error_;
};

}  // namespace decklog::store
