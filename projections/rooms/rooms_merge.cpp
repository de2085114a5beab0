#include "projections/rooms/rooms_merge.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace decklog::projections::rooms {
namespace {

/// Where each partition's list goes on; empty: at its start. Text: `0:KEY,1:KEY`, those that have
/// begun; of a ledger of one partition only the key.
using Places = std::vector<std::string>;

std::string text_of(const Places& places) {
    if (places.size() == 1) return places.front();
    std::string text;
    for (std::size_t partition = 0; partition < places.size(); ++partition) {
        if (places[partition].empty()) continue;
        if (!text.empty()) text.push_back(',');
        text.append(std::to_string(partition)).append(":").append(places[partition]);
    }
    return text;
}

/// False: not such a text.
bool read_place(std::string_view text, Places& places) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    std::size_t partition = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + colon, partition);
    if (error != std::errc{} || end != text.data() + colon || partition >= places.size())
        return false;
    if (!places[partition].empty()) return false;
    places[partition] = text.substr(colon + 1);
    return !places[partition].empty();
}

std::optional<Places> places_of(std::string_view text, std::size_t partitions) {
    Places places(partitions);
    if (partitions == 1) {
        places.front() = text;
        return places;
    }
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (!read_place(text.substr(0, comma), places)) return std::nullopt;
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
        if (text.empty()) return std::nullopt;
    }
    return places;
}

}  // namespace

domain::Decision<MergedRoomPage> list_rooms(RowsByPartition rows, Kind kind, std::size_t limit,
                                            std::string_view after) {
    auto places = places_of(after, rows.size());
    if (!places)
        return domain::reject("bad_cursor", "give the `next` of an answer to the same query",
                              "cursor");
    MergedRoomPage page;
    bool is_more = false;
    for (std::uint32_t partition = 0; partition < rows.size(); ++partition) {
        auto own = list_rooms(*rows[partition], kind, limit, (*places)[partition]);
        if (!own) return tl::unexpected(own.error());
        is_more = is_more || !own->next.empty();
        for (RoomInfo& room : own->items) page.items.push_back({partition, std::move(room)});
    }
    // Partition after partition, each in its order: equal times stay so.
    std::stable_sort(page.items.begin(), page.items.end(),
                     [](const PlacedRoom& left, const PlacedRoom& right) {
                         return left.room.last_activity_us > right.room.last_activity_us;
                     });
    is_more = is_more || page.items.size() > limit;
    if (page.items.size() > limit) page.items.resize(limit);
    for (const PlacedRoom& item : page.items)
        (*places)[item.partition] = next_after(kind, item.room);
    if (is_more) page.next = text_of(*places);
    return page;
}

std::optional<PlacedRoom> room(RowsByPartition rows, std::string_view id) {
    for (std::uint32_t partition = 0; partition < rows.size(); ++partition) {
        if (auto found = room(*rows[partition], id))
            return PlacedRoom{partition, *std::move(found)};
    }
    return std::nullopt;
}

}  // namespace decklog::projections::rooms
