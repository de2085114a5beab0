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

inline constexpr std::size_t kLivePieceEvents = 100;  // one piece of a live stream
inline constexpr std::chrono::seconds kLiveComment{15};
inline constexpr std::chrono::milliseconds kLiveRetry{2'000};
inline constexpr std::chrono::milliseconds kLiveTurn{
    1'000};  // how often a waiting stream is looked at

inline constexpr std::size_t kJobPiecesMax = 64;  // pieces that a job may be ahead of its reader
inline constexpr std::size_t kJobPieceBytes = 32 * 1024;
inline constexpr std::chrono::milliseconds kProgressEvery{250};

}  // namespace decklog::api::limits
