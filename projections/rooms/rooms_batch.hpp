// What a fold has read and changed of the rooms view: each row is read at most once, for as long as
// it is remembered, and written at most once a batch, however many events touch it. Rows that a
// newer logic would have written cannot be here (another fingerprint folds anew), so a row that
// does not decode is a bug or damage and counts as absent.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

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

struct MemberInBatch {
    Member row;
    bool touched = false;  // since the last write
};

struct MessageInBatch {
    Message row;
    std::map<std::pair<std::string, std::string>, Reaction>
        reactions{};  // by reactor and reaction, those read or set
    bool touched = false;
};

/// What decides which other rows change with a room's.
struct RoomBefore {
    explicit RoomBefore(const Room& room)
        : last_activity(room.last_activity),
          direct(room.direct),
          next_sequence(room.next_sequence),
          oldest_sequence(room.oldest_sequence()) {}
    Mark last_activity;
    bool direct;
    std::uint64_t next_sequence, oldest_sequence;
};

struct RoomInBatch {
    std::string id;
    Room row;
    std::optional<RoomBefore> stored;  // as it was before the batch
    ByText<MemberInBatch> members;
    ByText<MessageInBatch> messages;
    bool touched = false;
    std::vector<ByText<MemberInBatch>::value_type*> touched_members;
    std::vector<ByText<MessageInBatch>::value_type*> touched_messages;
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

    /// Writes what changed, and begins the next batch.
    void write(RowWriter& out);

  private:
    void write_room(const RoomInBatch& room, RowWriter& out) const;
    void write_members(const RoomInBatch& room, RowWriter& out) const;
    void write_messages(const RoomInBatch& room, RowWriter& out) const;
    void forget_old(const RoomInBatch& room, RowWriter& out) const;
    void forget(std::uint32_t room, std::uint64_t sequence, RowWriter& out) const;
    MessageInBatch& touch(RoomInBatch& room, ByText<MessageInBatch>::value_type& message);
    /// Nothing is touched any more; what is too much to remember is let go of.
    void begin_next();
    void forget_quiet_rooms();

    const RowReader& rows_;
    ByText<std::unique_ptr<RoomInBatch>> rooms_;
    std::vector<RoomInBatch*> touched_;
    std::size_t remembered_messages_ = 0;
    std::size_t remembered_others_ = 0;
    std::optional<std::uint32_t> next_number_;
};

}  // namespace decklog::projections::rooms
