// Reading the log through its rows: frames in order, the frame at a position, chain heads, stream
// heads, index scans. What the ledger answers readers with, what the writer loads state with, and
// what start and verify check with. Thread-safe as its rows are.
#pragma once

#include <optional>

#include "store/frame/frame.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

/// Frames in order from the one that holds `from`. Errors: corrupt and other_format name the
/// position.
[[nodiscard]] domain::Result<void> read_frames(const RowReader& rows, domain::Position from,
                                               const FrameSink& sink);

/// The frame that holds `position`; not_found past the end.
[[nodiscard]] domain::Result<FramePtr> frame_at(const RowReader& rows, domain::Position position);

/// The newest frame of a partition; nullptr when it is empty.
[[nodiscard]] domain::Result<FramePtr> last_frame(const RowReader& rows, std::uint32_t partition);

struct ChainPoint {
    std::uint64_t next_ordinal = 0;
    domain::Bytes32 chain{};
};
/// The last kept chain head at or before the boundary `next_ordinal`; {0, zeros} when none is.
[[nodiscard]] domain::Result<ChainPoint> kept_head_before(const RowReader& rows,
                                                          std::uint32_t partition,
                                                          std::uint64_t next_ordinal);

/// Chain head after the frame that ends right before `boundary`, stepped on from the last kept one:
/// at most 65,536 positions are hashed. not_found when no frame ends there.
[[nodiscard]] domain::Result<domain::Bytes32> chain_before(const RowReader& rows,
                                                           domain::Position boundary);

[[nodiscard]] domain::Result<std::optional<Head>> stored_head(const RowReader& rows,
                                                              std::uint32_t partition);

/// What the ledger is called at the end of this partition; nullopt: it was never created. All
/// partitions agree, except while a fork is on its way into each of them. Errors: corrupt,
/// other_format.
[[nodiscard]] domain::Result<std::optional<domain::LedgerId>> stored_identity(
    const RowReader& rows, std::uint32_t partition = 0);

/// How many partitions have rows here, from 0 on.
[[nodiscard]] domain::Result<std::uint32_t> stored_partitions(const RowReader& rows);

/// Last version of a stream; 0: no events.
[[nodiscard]] domain::Result<std::uint64_t> stored_stream_version(const RowReader& rows,
                                                                  std::uint32_t partition,
                                                                  const domain::Bytes16& stream);

/// Events of one stream in order: the frame and the index in it.
using EventSink = std::function<bool(const FramePtr& frame, std::size_t index)>;
[[nodiscard]] domain::Result<void> read_stream(const RowReader& rows, std::uint32_t partition,
                                               const domain::Bytes16& stream,
                                               const EventSink& sink);

/// LogReader::scan over these rows.
[[nodiscard]] domain::Result<void> scan_index(const RowReader& rows, std::uint32_t partition,
                                              const IndexKey& key, Order order,
                                              std::optional<domain::Position> after,
                                              const PositionSink& sink);

}  // namespace decklog::store
