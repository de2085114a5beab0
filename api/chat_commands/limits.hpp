// Bounds of commands from chat.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace decklog::api::limits {

/// Longer ones are refused unread: they are read on the writer thread.
inline constexpr std::size_t kChatCommandBytesMax = 4'000;
/// At a time; half of the threads that all questions share.
inline constexpr int kChatCommandsMax = 4;
/// Slack and Discord wait three seconds for an answer.
inline constexpr std::chrono::milliseconds kChatAnswerWithin{2'500};
/// Nothing new is written longer after a command was signed by its platform than this: whoever gave
/// it has been told by then that it failed, and may have done something else.
inline constexpr std::int64_t kChatCarriedOutWithinUs = 10LL * 1'000'000;
/// Rollouts of one list.
inline constexpr std::size_t kChatListed = 15;

}  // namespace decklog::api::limits
