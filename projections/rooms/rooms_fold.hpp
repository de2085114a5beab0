// The fold of the rooms view: what each chat event says of its room, its members and its messages.
// Events may come in any order: a status before its message, an edit of a message never seen, a
// leave that is older than the last word. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "projections/rooms/rooms_batch.hpp"
#include "projections/view.hpp"

namespace decklog::projections::rooms {

class RoomsFold final : public Fold {
  public:
    explicit RoomsFold(const RowReader& rows) : batch_(rows) {}
    [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override;
    void finish(RowWriter& rows) override { batch_.write(rows); }

  private:
    /// Reads the payload as `Table` and hands room and payload to `handle`; parks the room when the
    /// bytes do not check.
    template <class Table, class Handle>
    std::optional<Parked> with(const domain::EventView& event, Handle handle);
    RoomInBatch& room_of(const domain::EventView& event, std::string_view id,
                         std::string_view conversation, bool direct);
    void note_activity(RoomInBatch& room, const domain::EventView& event);
    void note_actor(RoomInBatch& room, const domain::EventView& event);
    static void note_name(Member& member, std::string_view id, const domain::EventView& event);
    MessageInBatch& message_of(RoomInBatch& room, const domain::EventView& event,
                               const flatbuffers::String* id);

    /// A message, or a command that stands in one.
    void said(RoomInBatch& room, const domain::EventView& event,
              const flatbuffers::String* message_id);
    void edited(RoomInBatch& room, const domain::EventView& event,
                const fb::MessageEdited& payload);
    void deleted(RoomInBatch& room, const domain::EventView& event,
                 const fb::MessageDeleted& payload);
    void reacted(RoomInBatch& room, const domain::EventView& event,
                 const flatbuffers::String* message_id, std::string_view reactor,
                 std::string_view reaction, bool set);
    void moved(RoomInBatch& room, const domain::EventView& event, std::string_view member,
               bool joined);
    void delivered(RoomInBatch& room, const domain::EventView& event,
                   const fb::DeliveryStatusReported& payload);
    std::optional<Parked> migrated(const domain::EventView& event);

    RoomsBatch batch_;
};

}  // namespace decklog::projections::rooms
