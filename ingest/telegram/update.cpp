#include "ingest/telegram/update.hpp"

namespace decklog::ingest::telegram {
namespace {

std::string full_name(const JsonObject* user) {
    std::string name(text_at(user, "first_name"));
    const std::string_view last = text_at(user, "last_name");
    if (!name.empty() && !last.empty()) name += ' ';
    return name.append(last);
}

// The time of an edit is its own; what was edited keeps its date.
std::string_view time_key(const JsonObject* content) {
    return has(content, "edit_date") ? "edit_date" : "date";
}

}  // namespace

std::optional<Person> person_of(const JsonObject* user) {
    std::string id = id_at(user, "id");
    if (id.empty()) return std::nullopt;
    return Person{.native_id = std::move(id),
                  .display_name = full_name(user),
                  .username = std::string(text_at(user, "username")),
                  .is_bot = flag_at(user, "is_bot")};
}

std::optional<Person> person_at(const JsonObject* object, std::string_view key) {
    return person_of(object_at(object, key));
}

std::optional<Room> room_of_id(std::string id) {
    if (id.empty()) return std::nullopt;
    const bool direct = !id.starts_with('-');
    return Room{.native_id = std::move(id), .direct = direct};
}

std::optional<Room> room_at(const JsonObject* object, std::string_view key) {
    const JsonObject* chat = object_at(object, key);
    auto room = room_of_id(id_at(chat, "id"));
    if (!room) return std::nullopt;
    if (has(chat, "type")) room->direct = text_at(chat, "type") == "private";
    room->title = text_at(chat, "title");
    return room;
}

Item item_of(const Update& update, What what) {
    Item item{.what = std::move(what),
              .dedupe_id = update.dedupe_id,
              .identity = {},
              .source = update.bytes};
    item.room = room_at(update.content, "chat");
    // Who speaks for a chat also has a stand-in user in `from`; the chat is the truth.
    item.actor_room =
        room_at(update.content, has(update.content, "sender_chat") ? "sender_chat" : "actor_chat");
    if (!item.actor_room) {
        item.actor = person_at(update.content, has(update.content, "from") ? "from" : "user");
    }
    item.message_id = id_at(update.content, "message_id");
    item.occurred_at_us = seconds_at(update.content, time_key(update.content));
    return item;
}

std::string identity_of(const Update& update) {
    std::string identity(update.kind);
    const std::string chat = id_at(object_at(update.content, "chat"), "id");
    const std::string message = id_at(update.content, "message_id");
    const std::string date = id_at(update.content, time_key(update.content));
    if (!chat.empty() && !message.empty() && !date.empty()) {
        return identity.append("|").append(chat).append("|").append(message).append("|").append(
            date);
    }
    const std::string own = id_at(update.content, "id");
    if (!own.empty()) return identity.append("|").append(own);
    return canonical_or_raw(update.bytes);
}

}  // namespace decklog::ingest::telegram
