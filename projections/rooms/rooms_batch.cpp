#include "projections/rooms/rooms_batch.hpp"

#include <algorithm>

#include "projections/row_bytes.hpp"

namespace decklog::projections::rooms {
namespace {

// Between batches. A room with its members is a kilobyte or two, a message a quarter of one.
constexpr std::size_t kRememberedOthersMax = 131'072;
constexpr std::size_t kRememberedMessagesMax = 65'536;

template <class Row>
std::optional<Row> stored(const RowReader& rows, std::string_view key) {
    const auto bytes = rows.get(key);
    return bytes ? decode<Row>(*bytes) : std::nullopt;
}

std::uint32_t stored_number(const RowReader& rows) {
    const auto bytes = rows.get(kNextNumberKey);
    return bytes ? static_cast<std::uint32_t>(RowBytes(*bytes).varint()) : 0;
}

Scope kind_of(bool direct) { return direct ? Scope::direct : Scope::other; }

}  // namespace

RoomInBatch& RoomsBatch::room(std::string_view id, bool& is_new) {
    is_new = false;
    auto found = rooms_.find(id);
    if (found == rooms_.end()) {
        auto room = std::make_unique<RoomInBatch>();
        room->id = id;
        auto row = stored<Room>(rows_, room_key(id));
        is_new = !row;
        if (is_new) {
            if (!next_number_) next_number_ = stored_number(rows_);
            room->row.number = (*next_number_)++;
        } else {
            room->row = *std::move(row);
            room->stored = RoomBefore(room->row);
        }
        found = rooms_.emplace(std::string(id), std::move(room)).first;
        ++remembered_others_;
    }
    RoomInBatch& room = *found->second;
    if (!std::exchange(room.touched, true)) touched_.push_back(&room);
    return room;
}

Member& RoomsBatch::member(RoomInBatch& room, std::string_view id) {
    auto found = room.members.find(id);
    if (found == room.members.end()) {
        auto row = stored<Member>(rows_, member_key(room.row.number, id));
        found =
            room.members.emplace(std::string(id), MemberInBatch{std::move(row).value_or(Member{})})
                .first;
        ++remembered_others_;
    }
    if (!std::exchange(found->second.touched, true)) room.touched_members.push_back(&*found);
    return found->second.row;
}

MessageInBatch& RoomsBatch::message(RoomInBatch& room, std::string_view id, std::uint64_t ordinal) {
    auto found = room.messages.find(id);
    if (found == room.messages.end()) {
        auto row = stored<Message>(rows_, message_key(room.row.number, id));
        const bool is_kept = row && row->sequence >= room.row.oldest_sequence();
        ++remembered_messages_;
        found = room.messages.emplace(std::string(id), MessageInBatch{}).first;
        if (is_kept) {
            found->second.row = *std::move(row);
            return touch(room, *found);
        }
    } else if (found->second.row.sequence >= room.row.oldest_sequence()) {
        return touch(room, *found);
    }
    MessageInBatch& message = touch(room, *found);
    message.reactions.clear();
    message.row = Message{};
    message.row.sequence = room.row.next_sequence++;
    message.row.first_ordinal = ordinal;
    return message;
}

MessageInBatch& RoomsBatch::touch(RoomInBatch& room, ByText<MessageInBatch>::value_type& message) {
    if (!std::exchange(message.second.touched, true)) room.touched_messages.push_back(&message);
    return message.second;
}

Reaction* RoomsBatch::reaction(const RoomInBatch& room, MessageInBatch& message,
                               std::string_view reactor, std::string_view reaction) {
    const std::pair<std::string, std::string> key(reactor, reaction);
    const auto found = message.reactions.find(key);
    if (found != message.reactions.end()) return &found->second;
    if (message.row.reaction_rows == 0) return nullptr;
    const auto row = stored<Reaction>(
        rows_, reaction_key(room.row.number, message.row.sequence, reactor, reaction));
    return row ? &message.reactions.emplace(key, *row).first->second : nullptr;
}

void RoomsBatch::write(RowWriter& out) {
    if (next_number_) {
        std::string number;
        put_varint(number, *next_number_);
        out.put(kNextNumberKey, number);
    }
    // In the order of keys: what is read of one room lies beside what is read of the next.
    std::sort(touched_.begin(), touched_.end(),
              [](const RoomInBatch* left, const RoomInBatch* right) {
                  return left->row.number < right->row.number;
              });
    for (const RoomInBatch* room : touched_) {
        write_room(*room, out);
        write_members(*room, out);
        forget_old(*room, out);
        write_messages(*room, out);
    }
    begin_next();
}

void RoomsBatch::begin_next() {
    if (remembered_others_ > kRememberedOthersMax) forget_quiet_rooms();
    for (RoomInBatch* room : touched_) {
        room->stored = RoomBefore(room->row);
        room->touched = false;
        for (auto* member : room->touched_members) member->second.touched = false;
        for (auto* message : room->touched_messages) message->second.touched = false;
        room->touched_members.clear();
        room->touched_messages.clear();
    }
    touched_.clear();
    if (remembered_others_ > kRememberedOthersMax) {
        rooms_.clear();
        remembered_others_ = remembered_messages_ = 0;
    } else if (remembered_messages_ > kRememberedMessagesMax) {
        for (auto& [id, room] : rooms_) room->messages.clear();
        remembered_messages_ = 0;
    }
}

/// Those that the batch did not name.
void RoomsBatch::forget_quiet_rooms() {
    std::erase_if(rooms_, [this](const auto& entry) {
        const RoomInBatch& room = *entry.second;
        if (room.touched) return false;
        remembered_others_ -= 1 + room.members.size();
        remembered_messages_ -= room.messages.size();
        return true;
    });
}

void RoomsBatch::write_members(const RoomInBatch& room, RowWriter& out) const {
    for (const auto* member : room.touched_members)
        out.put(member_key(room.row.number, member->first), encode(member->second.row));
}

void RoomsBatch::write_room(const RoomInBatch& room, RowWriter& out) const {
    out.put(room_key(room.id), encode(room.row));
    const RoomBefore now(room.row);
    if (room.stored && room.stored->last_activity == now.last_activity &&
        room.stored->direct == now.direct)
        return;
    if (room.stored) {
        for (const Scope scope : {Scope::all, kind_of(room.stored->direct)})
            out.erase(activity_key(scope, room.stored->last_activity, room.id));
    }
    for (const Scope scope : {Scope::all, kind_of(now.direct)})
        out.put(activity_key(scope, now.last_activity, room.id), "x");
}

/// Stored messages that newer ones have pushed out. What the batch itself named and pushed out was
/// never written. Places are dense, so each is read by its key: a scan would begin in every file.
void RoomsBatch::forget_old(const RoomInBatch& room, RowWriter& out) const {
    if (!room.stored) return;
    const std::uint64_t end = std::min(room.row.oldest_sequence(), room.stored->next_sequence);
    for (std::uint64_t sequence = room.stored->oldest_sequence; sequence < end; ++sequence)
        forget(room.row.number, sequence, out);
}

void RoomsBatch::forget(std::uint32_t room, std::uint64_t sequence, RowWriter& out) const {
    const std::string place_at = place_key(room, sequence);
    const auto place = stored<Place>(rows_, place_at);
    out.erase(place_at);
    if (!place) return;
    const std::string message_at = message_key(room, place->message_id);
    const auto message = stored<Message>(rows_, message_at);
    out.erase(message_at);
    if (!message || message->reaction_rows == 0) return;
    const std::string reactions = reaction_prefix(room, message->sequence);
    rows_.scan(reactions, end_of_prefix(reactions),
               [&](std::string_view reaction, std::string_view) {
                   out.erase(reaction);
                   return true;
               });
}

void RoomsBatch::write_messages(const RoomInBatch& room, RowWriter& out) const {
    const std::uint32_t number = room.row.number;
    for (const auto* touched : room.touched_messages) {
        const auto& [id, message] = *touched;
        if (message.row.sequence < room.row.oldest_sequence()) continue;
        out.put(message_key(number, id), encode(message.row));
        if (!room.stored || message.row.sequence >= room.stored->next_sequence) {
            out.put(place_key(number, message.row.sequence),
                    encode(Place{message.row.first_ordinal, id}));
        }
        for (const auto& [key, reaction] : message.reactions) {
            out.put(reaction_key(number, message.row.sequence, key.first, key.second),
                    encode(reaction));
        }
    }
}

}  // namespace decklog::projections::rooms
