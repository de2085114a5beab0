#include "store/rows/rocks_status.hpp"

#include <cerrno>
#include <system_error>

#include "domain/check.hpp"

namespace decklog::store {
namespace {

domain::ErrorCode code_of(const rocksdb::Status& status) {
    using domain::ErrorCode;
    if (status.IsNotFound()) return ErrorCode::not_found;
    if (status.IsCorruption()) return ErrorCode::corrupt;
    if (status.IsNoSpace()) return ErrorCode::disk_full;
    if (status.IsInvalidArgument() || status.IsNotSupported()) return ErrorCode::invalid_argument;
    if (status.IsShutdownInProgress() || status.IsColumnFamilyDropped()) return ErrorCode::stopped;
    return ErrorCode::io;
}

bool speaks_of(const std::string& text, int number) {
    return text.find(std::generic_category().message(number)) != std::string::npos;
}

/// What the machine refused: the files may be as they should.
bool speaks_of_the_machine(const std::string& text) {
    return speaks_of(text, EMFILE) || speaks_of(text, ENFILE) || speaks_of(text, EACCES) ||
           speaks_of(text, EPERM) || speaks_of(text, ENOMEM) || speaks_of(text, EROFS) ||
           speaks_of(text, EINTR);
}

}  // namespace

bool says_nothing_of_the_files(const rocksdb::Status& status) {
    if (status.IsNoSpace() || status.IsBusy() || status.IsTryAgain() || status.IsTimedOut() ||
        status.IsMemoryLimit() || status.IsShutdownInProgress()) {
        return true;
    }
    if (!status.IsIOError()) return false;
    const std::string text = status.ToString();
    return text.find("lock ") != std::string::npos || speaks_of_the_machine(text);
}

domain::Error rocks_error(const rocksdb::Status& status, const std::string& what) {
    DECKLOG_CHECK(!status.ok());
    const bool retryable = status.IsBusy() || status.IsTryAgain() || status.IsTimedOut();
    return domain::Error{code_of(status), what + ": " + status.ToString(), retryable};
}

domain::Error rocks_open_error(const rocksdb::Status& status, const std::string& what) {
    domain::Error error = rocks_error(status, what);
    if (error.code == domain::ErrorCode::invalid_argument ||
        error.code == domain::ErrorCode::not_found) {
        // RocksDB says so too when the machine kept it from opening what it looked for.
        if (speaks_of_the_machine(error.context)) {
            error.code = domain::ErrorCode::io;
            return error;
        }
        // Families that nobody asked for are a newer release's.
        const bool is_newer = error.context.find("families not opened") != std::string::npos;
        error.code = is_newer ? domain::ErrorCode::other_format : domain::ErrorCode::corrupt;
    }
    return error;
}

}  // namespace decklog::store
