// Limits of the command line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace decklog::cli {

inline constexpr std::size_t kPageItems = 1000;  // the most that one list answer gives
inline constexpr std::size_t kTableRows = 200;   // events are printed in tables of so many rows
inline constexpr std::size_t kImportLineBytesMax =
    16U << 20U;  // a commit's frame in base64, and its event
inline constexpr std::size_t kImportGroupBytes = 1U << 20U;  // read together
inline constexpr std::size_t kOutsideLineBytesMax = 256U << 10U;
inline constexpr std::size_t kImportBatchLines = 10'000;  // of one request
inline constexpr std::size_t kImportBatchBytes = 4U << 20U;
inline constexpr std::size_t kRefusalsShown = 100;
inline constexpr std::chrono::milliseconds kFollowWaitMin{500};  // before a stream is asked again
inline constexpr std::chrono::milliseconds kFollowWaitMax{10'000};
inline constexpr std::chrono::milliseconds kViewLook{20};
inline constexpr std::chrono::seconds kViewTold{2};     // a wait for a view is told after so long
inline constexpr std::chrono::seconds kViewStands{30};  // and given up when nothing is folded
inline constexpr std::size_t kEnvFileBytesMax = std::size_t{1} << 20U;
inline constexpr std::size_t kMetadataBytesMax = std::size_t{1} << 20U;  // of CI evidence
inline constexpr std::size_t kBatchRowsMax = 1000;  // of counts given by hand, a check each
inline constexpr std::size_t kBatchLineBytesMax = 4096;
inline constexpr std::uint64_t kBatchUnitsMax = 1'000'000'000'000;
inline constexpr int kLockWaitSeconds = 30;  // serve waits so long for another server to leave

}  // namespace decklog::cli
