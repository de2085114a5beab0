#include "store/backup/copy_backup.hpp"

#include <algorithm>

namespace decklog::store {
namespace {

namespace fs = std::filesystem;

/// What the manifest does not know; RocksDB would open some of it.
void find_unknown(const std::vector<std::string>& found, const Manifest& manifest,
                  std::vector<std::string>& problems) {
    for (const std::string& name : found) {
        const auto at = std::lower_bound(
            manifest.files.begin(), manifest.files.end(), name,
            [](const ManifestFile& file, const std::string& sought) { return file.name < sought; });
        const bool is_known =
            name == kManifestName || (at != manifest.files.end() && at->name == name);
        if (!is_known) problems.push_back(name + ": the manifest does not know this file");
    }
}

std::string difference(const ManifestFile& file, const FileSum& sum) {
    if (sum.bytes != file.sum.bytes) {
        return file.name + ": " + std::to_string(sum.bytes) + " bytes, the manifest says " +
               std::to_string(file.sum.bytes);
    }
    return file.name + ": its checksum differs from the manifest's";
}

domain::Result<void> make_directories(const fs::path& file) {
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    if (!failed) return {};
    return domain::fail(domain::ErrorCode::io,
                        "create " + file.parent_path().string() + ": " + failed.message());
}

}  // namespace

domain::Result<std::vector<std::string>> copy_backup(
    const fs::path& backup, const Manifest& manifest, const fs::path& into,
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
    const auto found = files_under(backup);
    if (!found) return std::vector{found.error().context};
    std::vector<std::string> problems;
    find_unknown(*found, manifest, problems);
    std::uint64_t done = 0;
    const std::uint64_t total = manifest.bytes();
    const ReadSink read = [&](std::uint64_t bytes) {
        done += bytes;
        return !progress || progress(std::min(done, total), total);
    };
    for (const ManifestFile& file : manifest.files) {
        if (!std::binary_search(found->begin(), found->end(), file.name)) {
            problems.push_back(file.name + ": missing");
            continue;
        }
        const fs::path from = backup / file.name, to = into / file.name;
        const bool copies = problems.empty();
        if (copies) {
            if (auto made = make_directories(to); !made)
                return tl::unexpected(std::move(made).error());
        }
        const auto sum = copies ? copy_whole(from, to, read) : sum_file(from, read);
        if (!sum && (sum.error().code == domain::ErrorCode::stopped || copies))
            return tl::unexpected(sum.error());
        if (!sum) {
            problems.push_back(file.name + ": " + sum.error().context);
        } else if (*sum != file.sum) {
            problems.push_back(difference(file, *sum));
        }
    }
    for (const fs::path& directory : {into / "ledger", into}) {
        if (!problems.empty()) break;
        if (auto synced = sync_directory(directory); !synced)
            return tl::unexpected(std::move(synced).error());
    }
    return problems;
}

}  // namespace decklog::store
