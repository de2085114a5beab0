#include "store/rows/rocks_failure.hpp"

#include "store/rows/rocks_status.hpp"

namespace decklog::store {

void RocksFailure::set(domain::Error error) {
    const std::lock_guard lock(mutex_);
    if (is_set_) return;
    error_ = std::move(error);
    is_set_.store(true, std::memory_order_release);
}

std::optional<domain::Error> RocksFailure::get() const {
    if (!is_set()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    return error_;
}

void RocksFailure::OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) {
    if (error != nullptr && !error->ok()) set(rocks_error(*error, "background work of " + what_));
}

void RocksFailure::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status error,
                                        bool* auto_recovery) {
    error.PermitUncheckedError();
    *auto_recovery = false;
}

}  // namespace decklog::store
