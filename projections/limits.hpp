// Bounds of the view engine.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace decklog::projections::limits {

/// One fold: large enough that rows are written once for many events, small enough that a turn of
/// the loop is short.
inline constexpr std::size_t kBatchEventsMax = 10'000;
inline constexpr std::size_t kBatchBytesMax = 16U << 20U;

/// What one thread hands to the next when long stretches of the log are folded: little enough to
/// stay in the processor's cache.
inline constexpr std::size_t kChunkFrames = 512;
inline constexpr std::size_t kChunkBytes = 512U << 10U;
/// So far behind, builds are folded in long stretches.
inline constexpr std::uint64_t kFarBehindEvents = 65'536;

/// Places where rows are written in one pass of a rebuild over the log: four million events. Each
/// pass has threads of its own, and each thread may leave another heap behind it (glibc).
inline constexpr std::size_t kRebuildPassWrites = 64;

/// Batches that a view behind the others folds in a turn in which they fold one: so it catches up
/// even while they are busy.
inline constexpr int kCatchUpBatches = 4;

/// Newest durable frames kept in memory for the folds; a view further behind reads from disk.
inline constexpr std::size_t kWindowEventsMax = 65'536;
inline constexpr std::size_t kWindowBytesMax = 64U << 20U;

/// A busy log is folded in larger batches: turns begin at least this far apart, unless somebody
/// waits for a position.
inline constexpr std::chrono::milliseconds kTurnSpacing{5};
/// The loop turns at least this often, so that a stalled one can be told from an idle one.
inline constexpr std::chrono::milliseconds kIdleTurn{500};

/// A write to views/ or a read of the log that failed is tried again so much later, then twice as
/// much each time.
inline constexpr std::chrono::milliseconds kRetryFirst{100};
inline constexpr std::chrono::milliseconds kRetryMax{10'000};

/// The build that was live before a flip stays for a day.
inline constexpr std::int64_t kKeepUs = 24LL * 3600 * 1'000'000;
/// A rebuild waits so long for another piece of work on the set of builds; longer is another
/// rebuild.
inline constexpr std::chrono::milliseconds kOtherRebuildWait{1'000};
/// How often a rebuild that waits for its turn to flip asks whether anybody waits for it.
inline constexpr std::chrono::milliseconds kFlipPoll{100};

/// Rows of open rollouts that the fold remembers beside those of the batch at hand.
inline constexpr std::size_t kRolloutRowsKept = 1U << 17U;

/// What a comparison shows: rows, and printed lines and bytes of each.
inline constexpr std::size_t kDifferencesShown = 20;
inline constexpr std::size_t kPrintedLinesMax = 10;
inline constexpr std::size_t kPrintedLinesRead = 10'000;
inline constexpr std::size_t kShownBytesMax = 160;

/// Memory of the views/ database.
inline constexpr std::size_t kBlockCacheBytes = 48U << 20U;
inline constexpr std::size_t kWriteBufferBytes = 8U << 20U;
inline constexpr std::size_t kAllWriteBuffersBytes = 32U << 20U;
inline constexpr std::size_t kWalBytesMax = 48U << 20U;

}  // namespace decklog::projections::limits
