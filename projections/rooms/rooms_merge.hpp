// The list of rooms of a ledger of several partitions. A room belongs to one workspace and so
// stands in one of them; the list is merged from theirs, and its cursor is a place in each. Any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "projections/rooms/rooms_query.hpp"

namespace decklog::projections::rooms {

/// Rows of the rooms view, by partition.
using RowsByPartition = std::span<const RowReader* const>;

struct PlacedRoom {
    std::uint32_t partition = 0;
    RoomInfo room;
};

struct MergedRoomPage {
    std::vector<PlacedRoom> items;
    std::string next;  // opaque; empty: that was all
};

/// Newest activity first; of equal times the lower partition, and within it the later position.
/// `after` and rejections as for the list of one partition, of which the cursor is the same.
[[nodiscard]] domain::Decision<MergedRoomPage> list_rooms(RowsByPartition rows, Kind kind,
                                                          std::size_t limit,
                                                          std::string_view after);

/// From the partition that has it.
[[nodiscard]] std::optional<PlacedRoom> room(RowsByPartition rows, std::string_view id);

}  // namespace decklog::projections::rooms
