// Bounds of the questions that one request may ask (contract, "Answers" and "Cursors and waiting").
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace decklog::api::limits {

inline constexpr std::int64_t kListItems = 50;
inline constexpr std::int64_t kListItemsMax = 1'000;
inline constexpr std::size_t kListBytesMax =
    8 * 1024 * 1024;                                  // a page of large events ends earlier
inline constexpr std::size_t kFilterValuesMax = 100;  // of one kind
inline constexpr std::chrono::milliseconds kWaitMax{5'000};

// One piece of a live stream, which is all of it that is in memory: so many events, or so many
// bytes and the event that went beyond them.
inline constexpr std::size_t kLivePieceEvents = 100;
inline constexpr std::size_t kLivePieceBytes = 512 * 1024;
// Looked at in one turn of a stream; fewer than find_events reads before it asks the index by time,
// which is walked from its start every time.
inline constexpr std::uint64_t kLiveScanEvents = 4'000;
// The newest events of each partition, kept for the readers that keep up.
inline constexpr std::size_t kLiveNewsEvents = 4'096;
inline constexpr std::size_t kLiveNewsBytes = 8 * 1024 * 1024;
inline constexpr std::size_t kLiveThreads = 2;  // read for all streams together
inline constexpr std::chrono::seconds kLiveComment{15};
inline constexpr std::chrono::milliseconds kLiveRetry{2'000};
// Pieces smaller than a full one follow each other at most so often.
inline constexpr std::chrono::milliseconds kLiveGather{10};
inline constexpr std::chrono::milliseconds kLiveTurn{
    1'000};  // how often a waiting stream is looked at

inline constexpr std::size_t kParkedShown = 100;  // in an answer about something else

inline constexpr std::size_t kJobPiecesMax = 64;  // pieces that a job may be ahead of its reader
inline constexpr std::size_t kJobPieceBytes = 32 * 1024;
inline constexpr std::chrono::milliseconds kProgressEvery{250};
inline constexpr std::chrono::milliseconds kBeginBodyAfter{1'000};  // of long work: see LateBody
inline constexpr std::chrono::milliseconds kExportQuiet{1'000};     // then an empty line goes out

}  // namespace decklog::api::limits
