// Files of a backup: summed, copied, made durable, listed. Every name is relative to the backup and
// made of plain parts, because names come back from a manifest that somebody may have written.
// Thread: any; blocks on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::store {

struct FileSum {
    std::uint64_t bytes = 0;
    domain::Bytes32 hash{};  // BLAKE2b-256 of the whole file
    bool operator==(const FileSum&) const = default;
};

/// Told of every few megabytes that were read; false ends the work with `stopped`.
using ReadSink = std::function<bool(std::uint64_t bytes)>;

[[nodiscard]] domain::Result<FileSum> sum_file(const std::filesystem::path& file,
                                               const ReadSink& read);
/// A new file of mode 0600, durable on return; the sum is of what was read. Errors: io (also: the
/// file is there already).
[[nodiscard]] domain::Result<FileSum> copy_whole(const std::filesystem::path& from,
                                                 const std::filesystem::path& to,
                                                 const ReadSink& read);

[[nodiscard]] domain::Result<void> sync_file(const std::filesystem::path& file);
[[nodiscard]] domain::Result<void> sync_directory(const std::filesystem::path& directory);

/// Names of all files under the directory, sorted, with `/` between parts. Errors: corrupt for
/// anything that is neither file nor directory (a link leads who knows where); io.
[[nodiscard]] domain::Result<std::vector<std::string>> files_under(
    const std::filesystem::path& directory);
/// Parts of letters, digits and ._- that do not begin with a dot, `/` between them.
[[nodiscard]] bool is_plain_name(const std::string& name);

/// True also when it does not exist. Errors: invalid_argument (no directory), io.
[[nodiscard]] domain::Result<bool> is_absent_or_empty(const std::filesystem::path& directory);

/// `file`'s directory; "." for a bare name.
[[nodiscard]] std::filesystem::path directory_of(const std::filesystem::path& file);

}  // namespace decklog::store
