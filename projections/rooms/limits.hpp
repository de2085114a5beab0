// Bounds of the rooms view. They are part of its logic: the rows depend on them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace decklog::projections::rooms {

/// A room keeps the state of this many messages: those that were first named last. An older one is
/// forgotten with its reactions; if something speaks of it again it begins anew, without its text.
inline constexpr std::uint64_t kRecentMessages = 500;

/// Messages that `print` shows of a room.
inline constexpr std::size_t kPrintedMessages = 20;

}  // namespace decklog::projections::rooms
