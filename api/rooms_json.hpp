// Rooms, members and messages in JSON. The view knows ids, times and positions; names, titles and
// texts are read from the events at those positions and opened for those who may. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "api/sealed_part.hpp"
#include "projections/rooms/rooms_query.hpp"

namespace decklog::api {

class RoomsJson {
  public:
    /// `rows` are those of `partition`. All outlive the writer.
    RoomsJson(JsonWriter& json, const Core& core, std::uint32_t partition,
              const projections::RowReader& rows, const Opener& opener)
        : json_(&json), core_(&core), partition_(partition), rows_(&rows), opener_(&opener) {}

    /// The fields of an object that is open: the room with its members and its newest messages.
    void room(const projections::rooms::RoomInfo& room, std::size_t members, std::size_t messages);
    void member(const projections::rooms::MemberInfo& member);
    void message(const projections::rooms::MessageInfo& message);
    /// What ties the room to others: the rooms it moved from and to.
    void bindings(const projections::rooms::RoomInfo& room);

  private:
    void room_facts(const projections::rooms::RoomInfo& room);
    void position_if_any(std::string_view name, std::optional<std::uint64_t> ordinal);
    /// The sealed part of the event at `ordinal`; none when there is no such event.
    [[nodiscard]] SealedPart part_at(std::optional<std::uint64_t> ordinal) const;
    void opened_text(std::string_view name, const SealedPart& part, std::string_view text);

    JsonWriter* json_;
    const Core* core_;
    std::uint32_t partition_;
    const projections::RowReader* rows_;
    const Opener* opener_;
};

}  // namespace decklog::api
