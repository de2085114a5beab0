// What a batch has read and changed of the rooms view: each row is read at most once and written at
// most once, however many events touch it. Rows that a newer logic would have written cannot be
// here (another fingerprint folds anew), so a row that does not decode is a bug or damage and
// counts as absent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "projections/rooms/rooms_rows.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::rooms {

/// Texts as keys, found by a view of them.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

struct MessageInBatch {
    Message row;
    std::map<std::pair<std::string, std::string>, Reaction>
        reactions;  // by reactor and reaction, those touched
};

struct RoomInBatch {
    std::string id;
    Room row;
    std::optional<Room> stored;  // as it was before the batch
    ByText<Member> members;
    ByText<MessageInBatch> messages;
};

class RoomsBatch {
  public:
    explicit RoomsBatch(const RowReader& rows) : rows_(rows) {}

    /// The room, made with the next number if it is new; `is_new` tells.
    RoomInBatch& room(std::string_view id, bool& is_new);
    Member& member(RoomInBatch& room, std::string_view id);
    /// The state of a message, begun at `ordinal` if the room does not keep it (any more).
    MessageInBatch& message(RoomInBatch& room, std::string_view id, std::uint64_t ordinal);
    /// A reaction to it; nullptr: never heard of.
    Reaction* reaction(const RoomInBatch& room, MessageInBatch& message, std::string_view reactor,
                       std::string_view reaction);

    void write(RowWriter& out) const;

  private:
    void write_room(const RoomInBatch& room, RowWriter& out) const;
    void write_messages(const RoomInBatch& room, RowWriter& out) const;
    void forget_old(const RoomInBatch& room, RowWriter& out) const;

    const RowReader& rows_;
    ByText<std::unique_ptr<RoomInBatch>> rooms_;
    std::optional<std::uint32_t> next_number_;
};

}  // namespace decklog::projections::rooms
