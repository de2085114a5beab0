// One line of an export, read for what bringing it back needs: the two lines of the export itself,
// and of an event its position, its id and, with the first of a commit, its frame. The rest of an
// event's JSON is for people: the frame is the event, and FullImport may hold the one to the other.
// Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/frame/frame.hpp"

namespace decklog::store {

/// Of an export of a ledger of one partition, and of several.
inline constexpr std::uint64_t kExportFormat = 1;
inline constexpr std::uint64_t kExportFormatOfSeveral = 2;

/// What the first line says of one partition.
struct ExportedPartition {
    std::uint64_t events = 0;
    domain::Bytes32 chain{};
};

struct ExportLine {
    enum class Kind : std::uint8_t { begin, event, end, failed, other };
    Kind kind = Kind::other;
    // begin
    std::uint64_t format = 0;
    bool is_full = false;
    std::optional<domain::LedgerId> ledger;
    /// From 0 on; empty: it says too little. Format 1 has one, whose `events` and `chain` stand in
    /// the line itself; format 2 has a list of them.
    std::vector<ExportedPartition> partitions;
    // begin and end
    std::uint64_t events = 0;
    // event
    std::string position;
    std::optional<domain::EventId> event_id;
    FramePtr frame;  // null: another one's
};

/// Rejections: invalid_json, json_too_deep, duplicate_key, invalid_frame (not base64, or why the
/// frame does not check).
[[nodiscard]] domain::Decision<ExportLine> read_export_line(std::string_view text);

}  // namespace decklog::store
