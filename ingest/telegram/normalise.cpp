#include "ingest/telegram/normalise.hpp"

#include <algorithm>
#include <array>

#include "ingest/telegram/message.hpp"
#include "ingest/telegram/update.hpp"

namespace decklog::ingest::telegram {
namespace {

// ---- kinds that are not messages -----------------------------------------------------------

std::string reactions_text(const JsonArray& reactions) {
    std::string text;
    for (const Json& value : reactions) {
        const JsonObject* reaction = value.if_object();
        std::string name(text_at(reaction, "emoji"));
        if (name.empty()) name = id_at(reaction, "custom_emoji_id");
        if (name.empty()) name = clear_word(text_at(reaction, "type"));
        if (!text.empty()) text += ' ';
        text += name;
    }
    return text;
}

std::vector<Item> read_reaction(const Update& update) {
    const JsonArray& now = array_at(update.content, "new_reaction");
    Item item = item_of(update, Reacted{.set = !now.empty()});
    if (!item.room || item.message_id.empty() || (!item.actor && !item.actor_room)) return {};
    item.text = reactions_text(now);
    return {std::move(item)};
}

bool is_in_room(const JsonObject* member) {
    const std::string_view status = text_at(member, "status");
    return status == "creator" || status == "administrator" || status == "member" ||
           (status == "restricted" && flag_at(member, "is_member"));
}

std::vector<Item> read_membership(const Update& update) {
    const JsonObject* now = object_at(update.content, "new_chat_member");
    auto member = person_at(now, "user");
    if (!member) return {};
    member->roles.push_back(clear_word(text_at(now, "status")));
    Item item =
        item_of(update, Membership{.joined = is_in_room(now), .member = std::move(*member)});
    if (!item.room) return {};
    return {std::move(item)};
}

std::vector<Item> read_callback(const Update& update) {
    std::string id = id_at(update.content, "id");
    if (id.empty()) return {};
    Item item = item_of(update, ComponentUsed{.kind = "button", .interaction_id = std::move(id)});
    const JsonObject* message = object_at(update.content, "message");
    item.room = room_at(message, "chat");
    item.message_id = id_at(message, "message_id");
    item.text = text_at(update.content, has(update.content, "data") ? "data" : "game_short_name");
    return {std::move(item)};
}

std::vector<Item> read_deletions(const Update& update) {
    std::vector<Item> items;
    for (const Json& id : array_at(update.content, "message_ids")) {
        Item item = item_of(update, MessageRemoved{});
        item.message_id = id_of(id);
        if (item.room && !item.message_id.empty()) items.push_back(std::move(item));
    }
    return items;
}

// ---- the table -----------------------------------------------------------------------------

struct KindRow {
    std::string_view kind;
    std::vector<Item> (*read)(const Update&);
};
constexpr std::array kKinds{KindRow{"message", read_message},
                            KindRow{"channel_post", read_message},
                            KindRow{"business_message", read_message},
                            KindRow{"guest_message", read_message},
                            KindRow{"edited_message", read_edited_message},
                            KindRow{"edited_channel_post", read_edited_message},
                            KindRow{"edited_business_message", read_edited_message},
                            KindRow{"message_reaction", read_reaction},
                            KindRow{"chat_member", read_membership},
                            KindRow{"my_chat_member", read_membership},
                            KindRow{"callback_query", read_callback},
                            KindRow{"deleted_business_messages", read_deletions}};

std::string_view kind_of(const JsonObject& body) {
    for (const KindRow& row : kKinds) {
        if (body.contains(row.kind)) return row.kind;
    }
    for (const auto& member : body) {
        const std::string_view key{member.key().data(), member.key().size()};
        if (key != "update_id") return key;
    }
    return "empty";
}

std::vector<Item> read_items(const Update& update) {
    const auto row = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindRow& candidate) {
        return candidate.kind == update.kind;
    });
    std::vector<Item> items;
    if (row != kKinds.end()) items = row->read(update);
    if (items.empty())
        items.push_back(item_of(update, Unrecognised{.field = clear_word(update.kind)}));
    return items;
}

}  // namespace

domain::Decision<Reading> read(const SignedBody& body) {
    const auto parsed = parse_json(body.bytes);
    if (!parsed) return tl::unexpected(parsed.error());
    const std::string prefix = "tg:" + std::string(body.account) + ":";
    Reading reading;
    const JsonObject* object = parsed->if_object();
    if (object == nullptr) {
        reading.items.push_back(unrecognised_body(body.bytes, "body", prefix));
        return reading;
    }
    Update update{
        .kind = kind_of(*object), .content = nullptr, .dedupe_id = {}, .bytes = body.bytes};
    update.content = object_at(object, update.kind);
    const std::string update_id = id_at(object, "update_id");
    update.dedupe_id =
        prefix + (update_id.empty() ? "h:" + canonical_or_raw(body.bytes) : update_id);

    reading.items = read_items(update);
    const std::string identity = identity_of(update);
    for (std::size_t i = 0; i < reading.items.size(); ++i) {
        reading.items[i].identity = identity;
        if (i > 0) reading.items[i].dedupe_id += ":" + std::to_string(i);
    }
    return reading;
}

}  // namespace decklog::ingest::telegram
