// Limits that hold in the log itself, equal in embedded and cluster mode (design §3, contract
// "Limits").
#pragma once

#include <cstddef>
#include <cstdint>

namespace decklog::domain::limits {

inline constexpr std::size_t kCommitBytesMax = 3'670'016;  // 3.5 MiB
inline constexpr std::size_t kEventBytesMax = 512 * 1024;  // payload and sealed part together
inline constexpr std::size_t kStreamNameBytesMax = 256;
inline constexpr std::size_t kWorkspaceBytesMax = 64;
inline constexpr std::size_t kOutsideIdBytesMax =
    200;                                           // ids from outside: UTF-8, no control characters
inline constexpr std::size_t kNameBytesMax = 128;  // names that people give
inline constexpr std::size_t kReasonBytesMax = 500;  // why a person was erased
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::int64_t kAheadMicrosMax =
    5LL * 60 * 1'000'000;  // createdAt may be at most 5 minutes ahead
inline constexpr std::int64_t kClockStepMicrosMax = 60LL * 1'000'000;
inline constexpr std::uint32_t kLogLevel = 1;

}  // namespace decklog::domain::limits
