#include "store/rows/rocks_status.hpp"

#include "domain/check.hpp"

namespace decklog::store {
namespace {

domain::ErrorCode code_of(const rocksdb::Status& status) {
    using domain::ErrorCode;
    if (status.IsNotFound()) return ErrorCode::not_found;
    if (status.IsCorruption()) return ErrorCode::corrupt;
    if (status.IsInvalidArgument() || status.IsNotSupported()) return ErrorCode::invalid_argument;
    if (status.IsShutdownInProgress() || status.IsColumnFamilyDropped()) return ErrorCode::stopped;
    return ErrorCode::io;
}

}  // namespace

domain::Error rocks_error(const rocksdb::Status& status, const std::string& what) {
    DECKLOG_CHECK(!status.ok());
    const bool retryable = status.IsBusy() || status.IsTryAgain() || status.IsTimedOut();
    return domain::Error{code_of(status), what + ": " + status.ToString(), retryable};
}

}  // namespace decklog::store
