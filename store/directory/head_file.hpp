// HEAD: position and chain hash of the newest durable frame of each partition, beside the database.
// A log whose newest records were cut off opens clean; HEAD is what then says so. It is written
// after each fsync and never synced itself, so it may be behind the log, never ahead of it: a log
// behind its HEAD has lost what was acknowledged.
//
// One slot of 64 bytes a partition, rewritten in place: magic u32, format u8 = 1, 3 zero bytes,
// partition u32, 4 zero bytes, ordinal u64, chain 32, 4 zero bytes, crc32c u32 of all before it;
// little-endian.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::store {

struct HeadFile {
    domain::Position last;
    domain::Bytes32 chain{};
};

/// nullopt when the file or the slot is absent, and when the slot does not check: it is a hint that
/// can only refuse, so a torn one is ignored. Errors: io; other_format (a whole slot of a newer
/// release).
[[nodiscard]] domain::Result<std::optional<HeadFile>> read_head(const std::filesystem::path& file,
                                                                std::uint32_t partition = 0);

/// The slots of all partitions that the file has room for, from 0 on; no file, none. Errors: as
/// read_head.
using NotedHeads = std::vector<std::optional<HeadFile>>;
[[nodiscard]] domain::Result<NotedHeads> read_heads(const std::filesystem::path& file);

/// Rewrites the slot of head.last.partition through a descriptor that is open for writing: one
/// pwrite, no sync. Called by the ledger's writer after each fsync.
[[nodiscard]] domain::Result<void> write_head(int fd, const HeadFile& head);

/// Writes HEAD; empty for a ledger without files. Writers of several partitions share one.
using HeadNote = std::function<void(domain::Position last, const domain::Bytes32& chain)>;
/// Opens or creates the file. HEAD only ever refuses a log that lost something, so a HEAD that
/// cannot be written later stops nothing: it is said once, in the log. Errors: io.
[[nodiscard]] domain::Result<HeadNote> open_head_note(const std::filesystem::path& file);

}  // namespace decklog::store
