#include "ingest/telegram/message.hpp"

#include "ingest/telegram/content.hpp"

namespace decklog::ingest::telegram {
namespace {

std::vector<Item> one(Item item) {
    std::vector<Item> items;
    items.push_back(std::move(item));
    return items;
}

std::string thread_of(const JsonObject* message) { return id_at(message, "message_thread_id"); }

// In a forum every message "replies" to the service message that opened its topic; that is the
// thread, not an answer.
std::string reply_of(const JsonObject* message) {
    const JsonObject* replied = object_at(message, "reply_to_message");
    return has(replied, "forum_topic_created") ? std::string{} : id_at(replied, "message_id");
}

std::vector<Item> read_arrivals(const Update& update) {
    std::vector<Item> items;
    for (const Json& value : array_at(update.content, "new_chat_members")) {
        auto member = person_of(value.if_object());
        if (member)
            items.push_back(
                item_of(update, Membership{.joined = true, .member = std::move(*member)}));
    }
    return items;
}

std::optional<RoomMoved> move_of(const JsonObject* message) {
    auto here = room_at(message, "chat");
    auto to = room_of_id(id_at(message, "migrate_to_chat_id"));
    auto from = room_of_id(id_at(message, "migrate_from_chat_id"));
    if (here && to) return RoomMoved{std::move(*here), std::move(*to)};
    if (here && from) return RoomMoved{std::move(*from), std::move(*here)};
    return std::nullopt;
}

// A channel that posts has no person behind it that we could know.
void name_author(Item& item) {
    if (!item.actor && !item.actor_room && item.room && !item.room->direct)
        item.actor_room = item.room;
}

}  // namespace

std::vector<Item> read_message(const Update& update) {
    const JsonObject* message = update.content;
    if (!room_at(message, "chat") || id_at(message, "message_id").empty()) return {};
    if (auto items = read_arrivals(update); !items.empty()) return items;
    if (auto gone = person_at(message, "left_chat_member")) {
        return one(item_of(update, Membership{.joined = false, .member = std::move(*gone)}));
    }
    if (auto moved = move_of(message)) return one(item_of(update, std::move(*moved)));

    What what = MessageSent{.content_kind = std::string(content_kind(message)),
                            .thread = thread_of(message),
                            .reply_to = reply_of(message)};
    if (is_command(message)) what = CommandGiven{.surface = "text"};
    Item item = item_of(update, std::move(what));
    name_author(item);
    read_content(update, item);
    return one(std::move(item));
}

std::vector<Item> read_edited_message(const Update& update) {
    const JsonObject* message = update.content;
    if (!room_at(message, "chat") || id_at(message, "message_id").empty()) return {};
    Item item = item_of(update, MessageChanged{.content_kind = std::string(content_kind(message)),
                                               .thread = thread_of(message),
                                               .edited_at_us = seconds_at(message, "edit_date")});
    name_author(item);
    read_content(update, item);
    return one(std::move(item));
}

}  // namespace decklog::ingest::telegram
