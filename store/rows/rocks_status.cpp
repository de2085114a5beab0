#include "store/rows/rocks_status.hpp"

#include <rocksdb/sst_file_reader.h>

#include <cerrno>
#include <system_error>

#include "domain/check.hpp"
#include "store/directory/private_files.hpp"

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

/// `000028.log: 2115 bytes do not read`, of the line "<path>: dropping <n> bytes; …" with which the
/// open that failed ends RocksDB's LOG; empty: it does not.
std::string unread_log(const std::filesystem::path& directory) {
    constexpr std::size_t kLogBytesMax = 8U << 20U;
    constexpr std::string_view kDropping = ": dropping ";
    const auto text = read_small_file(directory / "LOG", kLogBytesMax);
    if (!text) return {};
    const std::size_t at = text->rfind(kDropping);
    constexpr std::size_t kLastLines = 2'048;
    if (at == std::string::npos || text->size() - at > kLastLines) return {};
    const std::size_t name = text->rfind('/', at);
    const std::size_t bytes = at + kDropping.size();
    return text->substr(name + 1, at - name - 1) + ": " +
           text->substr(bytes, text->find(' ', bytes) - bytes) + " bytes do not read";
}

/// A table whose end does not read is called a fault of the MANIFEST that names it.
std::string unread_table(const std::filesystem::path& directory) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
        if (entry.path().extension() != ".sst") continue;
        rocksdb::SstFileReader reader((rocksdb::Options()));
        if (reader.Open(entry.path().string()).IsCorruption())
            return entry.path().filename().string() + " does not read";
    }
    return {};
}

/// A write-ahead log that the catalogue asks for and that is not there: either it is gone, or the
/// end of the catalogue, which would say that it is needed no more, does not read, and RocksDB
/// takes that for an end. Empty: `text` speaks of no such log.
std::string missing_log(const std::string& text, const std::filesystem::path& directory) {
    constexpr std::string_view kMissing = "Missing WAL with log number: ";
    constexpr std::size_t kNumberDigits = 6;  // of a file's name, at least
    constexpr std::size_t kCurrentBytesMax = 256;
    const std::size_t at = text.find(kMissing);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + kMissing.size();
    std::string number = text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
    if (number.size() < kNumberDigits) number.insert(0, kNumberDigits - number.size(), '0');
    const auto current = read_small_file(directory / "CURRENT", kCurrentBytesMax);
    const std::string catalogue = current ? current->substr(0, current->find('\n')) : "MANIFEST";
    return number + ".log is gone, or the end of " + catalogue + ", which asks for it, is damaged";
}

bool names_a_file(const std::string& text) {
    return text.find(".sst") != std::string::npos || text.find(".log") != std::string::npos ||
           text.find("MANIFEST") != std::string::npos || text.find("CURRENT") != std::string::npos;
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

domain::Error rocks_open_error(const rocksdb::Status& status, const std::string& what,
                               const std::filesystem::path& directory) {
    domain::Error error = rocks_error(status, what);
    if (status.IsCorruption()) {
        std::string unread;
        if (!names_a_file(error.context)) unread = missing_log(error.context, directory);
        if (unread.empty() && !names_a_file(error.context)) unread = unread_log(directory);
        if (error.context.find("MANIFEST") != std::string::npos) unread = unread_table(directory);
        if (!unread.empty()) error.context += " (" + unread + ")";
    }
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
