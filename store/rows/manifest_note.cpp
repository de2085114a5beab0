#include "store/rows/manifest_note.hpp"

#include <fcntl.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "store/directory/head_file.hpp"

namespace decklog::store {
namespace {

constexpr std::string_view kPrefix = "MANIFEST-";
constexpr const char* kFile = "SEEN";
constexpr std::size_t kCurrentBytesMax = 256;

std::optional<std::uint64_t> number_of(std::string_view name) {
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    while (!name.empty() && name.back() == '\n') name.remove_suffix(1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return number;
}

// A slot of HEAD's format: the size as the ordinal, the number in the place of the chain.
HeadFile slot_of(std::uint64_t number, std::uint64_t size) {
    HeadFile slot;
    slot.last.ordinal = size;
    for (std::size_t i = 0; i < sizeof number; ++i)
        slot.chain[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return slot;
}

std::uint64_t number_in(const HeadFile& slot) {
    std::uint64_t number = 0;
    for (std::size_t i = sizeof number; i-- > 0;) number = (number << 8U) | slot.chain[i];
    return number;
}

}  // namespace

domain::Result<void> check_manifest(const std::filesystem::path& directory,
                                    const std::string& what) {
    const auto seen = read_head(directory / kFile);
    if (!seen) return tl::unexpected(seen.error());
    if (!*seen) return {};
    const auto current = read_small_file(directory / "CURRENT", kCurrentBytesMax);
    const auto number = current ? number_of(*current) : std::nullopt;
    if (!number) return {};  // RocksDB has its own words for that
    const std::uint64_t noted = number_in(**seen);
    const std::string name = current->substr(0, current->find('\n'));
    if (*number < noted) {
        return domain::fail(domain::ErrorCode::corrupt,
                            what + name + ": CURRENT names an older catalogue than the one seen");
    }
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(directory / name, failed);
    if (failed || *number > noted || size >= (*seen)->last.ordinal) return {};
    return domain::fail(domain::ErrorCode::corrupt,
                        what + name + " was cut at " + std::to_string(size) + ", it had " +
                            std::to_string((*seen)->last.ordinal) +
                            " bytes: restore the files that were there");
}

void ManifestNote::note(rocksdb::DB& db) {
    // RocksDB's own word for the size: only what is synced counts.
    std::vector<std::string> files;
    std::uint64_t size = 0;
    if (!db.GetLiveFiles(files, &size, false).ok()) return;
    for (const std::string& file : files) {
        const auto number = number_of(std::filesystem::path(file).filename().string());
        if (!number) continue;
        const std::lock_guard lock(mutex_);
        if (!file_.is_open()) {
            file_ = FileDescriptor(
                ::open((directory_ / kFile).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        }
        // A note that cannot be written refuses nothing, and stops nothing.
        static_cast<void>(file_.is_open() && write_head(file_.get(), slot_of(*number, size)));
    }
}

}  // namespace decklog::store
