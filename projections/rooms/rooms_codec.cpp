// The values of the rooms view as bytes: fields in a fixed order, so equal rows are equal bytes.
#include <utility>

#include "projections/rooms/rooms_rows.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rooms {
namespace {

void put_mark(std::string& out, const Mark& mark) {
    put_signed(out, mark.time_us);
    put_varint(out, mark.ordinal);
}

Mark mark_in(RowBytes& fields) {
    Mark mark;
    mark.time_us = fields.signed_varint();
    mark.ordinal = fields.varint();
    return mark;
}

void put_maybe(std::string& out, const MaybeMark& mark) {
    out.push_back(mark ? '\1' : '\0');
    if (mark) put_mark(out, *mark);
}

MaybeMark maybe_mark_in(RowBytes& fields) {
    if (fields.byte() == 0) return std::nullopt;
    return mark_in(fields);
}

void put_maybe(std::string& out, const std::optional<std::uint64_t>& ordinal) {
    out.push_back(ordinal ? '\1' : '\0');
    if (ordinal) put_varint(out, *ordinal);
}

std::optional<std::uint64_t> maybe_ordinal_in(RowBytes& fields) {
    if (fields.byte() == 0) return std::nullopt;
    return fields.varint();
}

template <class Row>
std::optional<Row> whole(Row row, const RowBytes& fields) {
    if (!fields.ok() || !fields.at_end()) return std::nullopt;
    return row;
}

}  // namespace

std::string encode(const Room& room) {
    std::string out;
    put_varint(out, room.number);
    put_text(out, room.workspace);
    put_text(out, room.platform);
    put_text(out, room.account);
    put_text(out, room.conversation);
    out.push_back(room.direct ? '\1' : '\0');
    put_signed(out, room.first_activity_us);
    put_mark(out, room.last_activity);
    put_varint(out, room.message_count);
    put_varint(out, room.member_count);
    put_maybe(out, room.sealed_ordinal);
    put_text(out, room.migrated_to);
    put_text(out, room.migrated_from);
    put_varint(out, room.next_sequence);
    return out;
}

template <>
std::optional<Room> decode<Room>(std::string_view bytes) {
    RowBytes fields(bytes);
    Room room;
    room.number = static_cast<std::uint32_t>(fields.varint());
    room.workspace = fields.text();
    room.platform = fields.text();
    room.account = fields.text();
    room.conversation = fields.text();
    room.direct = fields.byte() != 0;
    room.first_activity_us = fields.signed_varint();
    room.last_activity = mark_in(fields);
    room.message_count = fields.varint();
    room.member_count = fields.varint();
    room.sealed_ordinal = maybe_ordinal_in(fields);
    room.migrated_to = fields.text();
    room.migrated_from = fields.text();
    room.next_sequence = fields.varint();
    return whole(std::move(room), fields);
}

std::string encode(const Member& member) {
    std::string out;
    out.push_back(member.bot ? '\1' : '\0');
    put_maybe(out, member.joined);
    put_maybe(out, member.left);
    put_maybe(out, member.seen);
    put_maybe(out, member.sealed_ordinal);
    return out;
}

template <>
std::optional<Member> decode<Member>(std::string_view bytes) {
    RowBytes fields(bytes);
    Member member;
    member.bot = fields.byte() != 0;
    member.joined = maybe_mark_in(fields);
    member.left = maybe_mark_in(fields);
    member.seen = maybe_mark_in(fields);
    member.sealed_ordinal = maybe_ordinal_in(fields);
    return whole(std::move(member), fields);
}

std::string encode(const Place& place) {
    std::string out;
    put_varint(out, place.first_ordinal);
    return out.append(place.message_id);
}

template <>
std::optional<Place> decode<Place>(std::string_view bytes) {
    RowBytes fields(bytes);
    Place place;
    place.first_ordinal = fields.varint();
    place.message_id = fields.rest();
    return whole(std::move(place), fields);
}

std::string encode(const Message& message) {
    std::string out;
    put_varint(out, message.sequence);
    put_varint(out, message.first_ordinal);
    put_maybe(out, message.ordinal);
    put_text(out, message.author);
    put_signed(out, message.occurred_at_us);
    put_maybe(out, message.edited);
    put_maybe(out, message.deleted);
    put_varint(out, message.reactions);
    put_varint(out, message.reaction_rows);
    put_text(out, message.status);
    put_varint(out, message.status_rank);
    put_signed(out, message.error_code);
    put_maybe(out, message.status_ordinal);
    return out;
}

template <>
std::optional<Message> decode<Message>(std::string_view bytes) {
    RowBytes fields(bytes);
    Message message;
    message.sequence = fields.varint();
    message.first_ordinal = fields.varint();
    message.ordinal = maybe_ordinal_in(fields);
    message.author = fields.text();
    message.occurred_at_us = fields.signed_varint();
    message.edited = maybe_mark_in(fields);
    message.deleted = maybe_mark_in(fields);
    message.reactions = fields.varint();
    message.reaction_rows = fields.varint();
    message.status = fields.text();
    message.status_rank = static_cast<std::uint32_t>(fields.varint());
    message.error_code = static_cast<std::int32_t>(fields.signed_varint());
    message.status_ordinal = maybe_ordinal_in(fields);
    return whole(std::move(message), fields);
}

std::string encode(const Reaction& reaction) {
    std::string out(1, reaction.set ? '\1' : '\2');
    put_mark(out, reaction.at);
    return out;
}

template <>
std::optional<Reaction> decode<Reaction>(std::string_view bytes) {
    RowBytes fields(bytes);
    Reaction reaction;
    reaction.set = fields.byte() == 1;
    reaction.at = mark_in(fields);
    return whole(reaction, fields);
}

}  // namespace decklog::projections::rooms
