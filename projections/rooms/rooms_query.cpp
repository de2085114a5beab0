#include "projections/rooms/rooms_query.hpp"

#include <utility>

#include "domain/ids.hpp"
#include "projections/rooms/rooms_rows.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rooms {
namespace {

Scope scope_of(Kind kind) {
    switch (kind) {
        case Kind::any:
            return Scope::all;
        case Kind::room:
            return Scope::other;
        case Kind::direct:
            return Scope::direct;
    }
    return Scope::all;
}

std::optional<Room> stored_room(const RowReader& rows, std::string_view id) {
    const auto bytes = rows.get(room_key(id));
    return bytes ? decode<Room>(*bytes) : std::nullopt;
}

std::optional<std::uint64_t> ordinal_of(const MaybeMark& mark) {
    return mark ? std::optional(mark->ordinal) : std::nullopt;
}

RoomInfo info_of(std::string_view id, Room room) {
    RoomInfo info;
    info.id = id;
    info.workspace = std::move(room.workspace);
    info.platform = std::move(room.platform);
    info.account = std::move(room.account);
    info.conversation = std::move(room.conversation);
    info.direct = room.direct;
    info.first_activity_us = room.first_activity_us;
    info.last_activity_us = room.last_activity.time_us;
    info.last_ordinal = room.last_activity.ordinal;
    info.message_count = room.message_count;
    info.member_count = room.member_count;
    info.sealed_ordinal = room.sealed_ordinal;
    info.migrated_to = std::move(room.migrated_to);
    info.migrated_from = std::move(room.migrated_from);
    return info;
}

MessageInfo info_of(std::string id, Message message) {
    MessageInfo info;
    info.message_id = std::move(id);
    info.first_ordinal = message.first_ordinal;
    info.ordinal = message.ordinal;
    info.author = std::move(message.author);
    info.occurred_at_us = message.occurred_at_us;
    info.edit_ordinal = ordinal_of(message.edited);
    info.edited_at_us = message.edited ? message.edited->time_us : 0;
    info.deleted_ordinal = ordinal_of(message.deleted);
    info.reactions = message.reactions;
    info.status = std::move(message.status);
    info.status_rank = message.status_rank;
    info.error_code = message.error_code;
    info.status_ordinal = message.status_ordinal;
    return info;
}

/// The place in the activity index, in hex.
std::string cursor_of(std::string_view activity_key) {
    return domain::to_hex(reinterpret_cast<const std::uint8_t*>(activity_key.data()),
                          activity_key.size());
}

std::optional<std::string> key_of(std::string_view cursor) {
    const auto digit = [](char c) -> int {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return -1;
    };
    if (cursor.size() % 2 != 0) return std::nullopt;
    std::string key;
    for (std::size_t i = 0; i < cursor.size(); i += 2) {
        const int high = digit(cursor[i]);
        const int low = digit(cursor[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        key.push_back(static_cast<char>(high * 16 + low));
    }
    return key;
}

}  // namespace

std::optional<Kind> kind_from_text(std::string_view text) {
    if (text.empty()) return Kind::any;
    if (text == "room") return Kind::room;
    if (text == "direct") return Kind::direct;
    return std::nullopt;
}

std::string next_after(Kind kind, const RoomInfo& room) {
    return cursor_of(
        activity_key(scope_of(kind), {room.last_activity_us, room.last_ordinal}, room.id));
}

domain::Decision<RoomPage> list_rooms(const RowReader& rows, Kind kind, std::size_t limit,
                                      std::string_view after) {
    const std::string prefix = activity_prefix(scope_of(kind));
    std::string end = end_of_prefix(prefix);
    if (!after.empty()) {
        const auto key = key_of(after);
        if (!key || !key->starts_with(prefix) || id_in_activity_key(*key).empty()) {
            return domain::reject("bad_cursor", "give the `next` of an answer to the same query",
                                  "cursor");
        }
        end = *key;
    }
    RoomPage page;
    std::string last_key;
    rows.scan_back(prefix, end, [&](std::string_view key, std::string_view) {
        if (page.items.size() == limit) {
            page.next = cursor_of(last_key);
            return false;
        }
        const std::string_view id = id_in_activity_key(key);
        if (auto found = stored_room(rows, id))
            page.items.push_back(info_of(id, *std::move(found)));
        last_key = key;
        return true;
    });
    return page;
}

std::optional<RoomInfo> room(const RowReader& rows, std::string_view id) {
    auto found = stored_room(rows, id);
    if (!found) return std::nullopt;
    return info_of(id, *std::move(found));
}

MessagePage messages(const RowReader& rows, std::string_view id, std::size_t limit,
                     std::optional<std::uint64_t> after) {
    MessagePage page;
    const auto found = stored_room(rows, id);
    if (!found) return page;
    const std::string prefix = place_prefix(found->number);
    rows.scan_back(prefix, end_of_prefix(prefix), [&](std::string_view, std::string_view value) {
        auto place = decode<Place>(value);
        if (!place || (after && place->first_ordinal >= *after)) return true;
        if (page.items.size() == limit) {
            if (!page.items.empty()) page.next = page.items.back().first_ordinal;
            return false;
        }
        const auto bytes = rows.get(message_key(found->number, place->message_id));
        auto message = bytes ? decode<Message>(*bytes) : std::nullopt;
        if (message)
            page.items.push_back(info_of(std::move(place->message_id), *std::move(message)));
        return true;
    });
    return page;
}

std::vector<MemberInfo> members(const RowReader& rows, std::string_view id) {
    std::vector<MemberInfo> all;
    const auto found = stored_room(rows, id);
    if (!found) return all;
    const std::string prefix = member_prefix(found->number);
    rows.scan(prefix, end_of_prefix(prefix), [&](std::string_view key, std::string_view value) {
        const auto member = decode<Member>(value);
        if (!member) return true;
        MemberInfo info;
        info.member = key.substr(prefix.size());
        info.bot = member->bot;
        info.present = member->present();
        info.joined_ordinal = ordinal_of(member->joined);
        info.left_ordinal = ordinal_of(member->left);
        info.seen_ordinal = ordinal_of(member->seen);
        if (member->seen) info.last_seen_us = member->seen->time_us;
        info.sealed_ordinal = member->sealed_ordinal;
        all.push_back(std::move(info));
        return true;
    });
    return all;
}

}  // namespace decklog::projections::rooms
