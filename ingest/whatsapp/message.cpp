#include "ingest/whatsapp/message.hpp"

#include <algorithm>
#include <array>

#include "store/json/canonical_json.hpp"

namespace decklog::ingest::whatsapp {
namespace {

struct Content {
    std::string_view type;
    bool media = false;
    std::string_view text_key{};  // inside the object named after the type
};
constexpr std::array kContents{
    Content{"text", false, "body"},
    Content{"image", true, "caption"},
    Content{"video", true, "caption"},
    Content{"audio", true},
    Content{"voice", true},
    Content{"document", true, "caption"},
    Content{"sticker", true},
    Content{"location", false, "name"},
    Content{"contacts"},
    Content{"order", false, "text"},
    Content{"system", false, "body"},
    Content{"unsupported"},
    Content{"request_welcome"},
    Content{"ephemeral"},
};
constexpr Content kOther{"other"};

const Content& content_of(std::string_view type) {
    const auto row = std::find_if(kContents.begin(), kContents.end(),
                                  [&](const Content& c) { return c.type == type; });
    return row == kContents.end() ? kOther : *row;
}

void read_content(const JsonObject* message, std::string_view bytes, Item& item) {
    const std::string_view type = text_at(message, "type");
    const Content& content = content_of(type);
    const JsonObject* body = object_at(message, type);
    if (!content.text_key.empty()) item.text = text_at(body, content.text_key);
    if (content.media) {
        item.attachments.push_back({.native_ref = id_at(body, "id"),
                                    .mime = std::string(text_at(body, "mime_type")),
                                    .sha256 = std::string(text_at(body, "sha256")),
                                    .name = std::string(text_at(body, "filename"))});
    } else if (type != "text" && !type.empty()) {
        item.details = store::json_token_at(bytes, type);
    }
}

What sent(const JsonObject* message) {
    return MessageSent{.content_kind = std::string(content_of(text_at(message, "type")).type),
                       .reply_to = id_at(object_at(message, "context"), "id")};
}

// A tap on a button or a list: about the message that carried it.
void read_tap(const JsonObject* message, std::string_view bytes, Item& item) {
    const std::string_view type = text_at(message, "type");
    const JsonObject* body = object_at(message, type);
    const std::string_view kind = type == "button" ? "button" : text_at(body, "type");
    item.what = ComponentUsed{.kind = clear_word(kind), .interaction_id = item.message_id};
    item.message_id = id_at(object_at(message, "context"), "id");
    item.text = type == "button" ? text_at(body, "text") : text_at(object_at(body, kind), "title");
    item.details = store::json_token_at(bytes, type);
}

void read_reaction(const JsonObject* message, Item& item) {
    const JsonObject* reaction = object_at(message, "reaction");
    item.text = text_at(reaction, "emoji");
    item.what = Reacted{.set = !item.text.empty()};
    item.message_id = id_at(reaction, "message_id");
}

void read_edit(const JsonObject* message, std::string_view bytes, Item& item) {
    const JsonObject* edit = object_at(message, "edit");
    const JsonObject* now = object_at(edit, "message");
    item.what = MessageChanged{.content_kind = std::string(content_of(text_at(now, "type")).type),
                               .edited_at_us = item.occurred_at_us};
    item.message_id = id_at(edit, "original_message_id");
    read_content(now, store::json_token_at(bytes, "edit.message"), item);
}

void read_system(const JsonObject* message, std::string_view bytes, Item& item) {
    const JsonObject* system = object_at(message, "system");
    std::string number = id_at(system, has(system, "wa_id") ? "wa_id" : "new_wa_id");
    item.what = sent(message);
    read_content(message, bytes, item);
    if (text_at(system, "type") != "user_changed_number" || number.empty() || !item.room) return;
    item.what = RoomMoved{*item.room, Room{.native_id = std::move(number), .direct = true}};
}

void read_kind(const JsonObject* message, std::string_view bytes, Item& item) {
    const std::string_view type = text_at(message, "type");
    if (type == "button" || type == "interactive") return read_tap(message, bytes, item);
    if (type == "reaction") return read_reaction(message, item);
    if (type == "edit") return read_edit(message, bytes, item);
    if (type == "system") return read_system(message, bytes, item);
    if (type == "revoke") {
        item.what = MessageRemoved{};
        item.message_id = id_at(object_at(message, "revoke"), "original_message_id");
        return;
    }
    item.what = sent(message);
    read_content(message, bytes, item);
}

bool must_name_message(const What& what) {
    return std::holds_alternative<Reacted>(what) || std::holds_alternative<MessageChanged>(what) ||
           std::holds_alternative<MessageRemoved>(what);
}

}  // namespace

Item read_message(const Change& change, const Element& element) {
    const JsonObject* message = element.object;
    const std::string id = id_at(message, "id");
    Item item = unrecognised_element(element.bytes, "messages");
    item.actor = person_at(change, message, {"from", "from_user_id", "user_id"});
    if (id.empty()) return item;
    item.dedupe_id = "wa:" + change.phone_number_id + ":m:" + id;
    if (!item.actor) return item;
    item.room = room_of(id_at(message, "group_id"), item.actor);
    item.message_id = id;
    item.occurred_at_us = seconds_at(message, "timestamp");
    read_kind(message, element.bytes, item);
    if (item.message_id.empty() && must_name_message(item.what))
        item.what = Unrecognised{.field = "messages"};
    return item;
}

}  // namespace decklog::ingest::whatsapp
