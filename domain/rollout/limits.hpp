// Limits of what is recorded with a rollout. A command's words and output fit one event together,
// and a run can be answered whole.
#pragma once

#include <cstddef>
#include <cstdint>

namespace decklog::domain::limits {

inline constexpr std::size_t kCommandWordsMax = 100;
inline constexpr std::size_t kCommandWordBytesMax = 4096;
inline constexpr std::size_t kOutputBytesMax = 64 * 1024;  // a history and a snapshot too
inline constexpr std::uint32_t kRunCommandsMax = 1000;
inline constexpr std::uint64_t kRunBytesMax = 8U << 20U;

}  // namespace decklog::domain::limits
