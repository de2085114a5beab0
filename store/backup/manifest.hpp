// manifest.json: what a backup is and what it must hold, written last, so that a directory without
// one is no backup. JSON for people and tools; its last member is the BLAKE2b-256 of every byte
// before that member, so that a flipped byte anywhere in it is noticed. Pure apart from
// read_manifest.
//
//   {"format": 1, "release", "ledgerId", "createdAt", "vault": true|false,
//    "partitions": [{"partition", "events", "position", "recordedAt", "chain"}],
//    "files": [{"name", "bytes", "blake2b256"}], "sum"}
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/backup/files.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr std::int64_t kBackupFormat = 1;

struct ManifestFile {
    std::string name;  // is_plain_name
    FileSum sum;
};

struct ManifestPartition {
    std::uint32_t partition = 0;
    Head head;  // of the backed-up log
};

struct Manifest {
    std::string release;  // that wrote it
    domain::LedgerId ledger;
    std::int64_t created_at_us = 0;
    bool has_vault = false;                       // a vault file was written with it, elsewhere
    std::vector<ManifestPartition> partitions{};  // from 0 on; at least one
    std::vector<ManifestFile> files{};            // by name

    [[nodiscard]] std::uint64_t bytes() const;
    /// Of all partitions.
    [[nodiscard]] std::uint64_t events() const;
};

[[nodiscard]] std::string to_text(const Manifest& manifest);
/// Errors: corrupt (the sum differs, a member is missing or odd, a name is not plain or comes
/// twice), other_format (of a newer release).
[[nodiscard]] domain::Result<Manifest> parse_manifest(std::string_view text);
/// Errors: those of parse_manifest; not_found: `backup` holds no manifest, so it is no backup or
/// one that was never finished.
[[nodiscard]] domain::Result<Manifest> read_manifest(const std::filesystem::path& backup);

}  // namespace decklog::store
