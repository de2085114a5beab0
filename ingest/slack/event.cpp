#include "ingest/slack/event.hpp"

#include <algorithm>
#include <array>

#include "ingest/limits.hpp"
#include "ingest/slack/names.hpp"

namespace decklog::ingest::slack {
namespace {

struct Event {
    const JsonObject* callback;
    const JsonObject* event;
    std::string_view type;
    std::string_view subtype;
};

bool is_our_bot(const JsonObject* callback, std::string_view user) {
    for (const Json& value : array_at(callback, "authorizations")) {
        const JsonObject* authorization = value.if_object();
        if (flag_at(authorization, "is_bot") && text_at(authorization, "user_id") == user)
            return true;
    }
    return false;
}

std::optional<Person> person_of(const JsonObject* callback, std::string id,
                                const JsonObject* message) {
    if (id.empty()) return std::nullopt;
    const JsonObject* profile = object_at(message, "user_profile");
    const std::string_view names[] = {text_at(profile, "display_name"),
                                      text_at(profile, "real_name"), text_at(message, "username")};
    const auto* name = std::find_if(std::begin(names), std::end(names),
                                    [](std::string_view n) { return !n.empty(); });
    Person person{.native_id = std::move(id)};
    if (name != std::end(names)) person.display_name = *name;
    person.is_bot = has(message, "bot_id") || is_our_bot(callback, person.native_id);
    return person;
}

/// Nearly every event says who acted as `user`; what is about a person holds the person there, what
/// is about a file says `user_id`.
std::string author_id(const JsonObject* message) {
    std::string id = id_at(message, "user");
    if (id.empty()) id = id_at(object_at(message, "user"), "id");
    if (id.empty()) id = id_at(message, "user_id");
    return id.empty() ? id_at(message, "bot_id") : id;
}

std::optional<Person> author_of(const JsonObject* callback, const JsonObject* message) {
    return person_of(callback, author_id(message), message);
}

void read_files(const JsonObject* message, Item& item) {
    for (const Json& value : array_at(message, "files")) {
        const JsonObject* file = value.if_object();
        std::string id = id_at(file, "id");
        if (id.empty() || item.attachments.size() >= limits::kAttachmentsMax) continue;
        const std::int64_t size = integer_at(file, "size").value_or(0);
        item.attachments.push_back({.native_ref = std::move(id),
                                    .mime = std::string(text_at(file, "mimetype")),
                                    .size = size < 0 ? 0 : static_cast<std::uint64_t>(size),
                                    .name = std::string(text_at(file, "name"))});
    }
}

// The row's own word, since a subtype from outside may not stand in the clear.
std::string_view content_kind(const JsonObject* message) {
    static constexpr std::array<std::string_view, 10> kSubtypes{
        "bot_message",   "me_message", "thread_broadcast", "channel_join", "channel_leave",
        "channel_topic", "group_join", "group_leave",      "channel_name", "channel_purpose"};
    const std::string_view subtype = text_at(message, "subtype");
    if (subtype == "file_share" || (subtype.empty() && !array_at(message, "files").empty()))
        return "file";
    if (subtype.empty()) return "text";
    const auto* row = std::find(kSubtypes.begin(), kSubtypes.end(), subtype);
    return row == kSubtypes.end() ? "other" : *row;
}

// Threads and the message they hang from have the same ts; the first message is no reply to itself.
std::string thread_of(const JsonObject* message) {
    std::string thread = id_at(message, "thread_ts");
    return thread == text_at(message, "ts") ? std::string{} : thread;
}

void read_said(const Event& event, Item& item) {
    item.message_id = id_at(event.event, "ts");
    item.actor = author_of(event.callback, event.event);
    item.text = text_at(event.event, "text");
    read_files(event.event, item);
    if (item.message_id.empty() || !item.room) return;
    if (event.type == "app_mention") {
        item.what =
            CommandGiven{.surface = "mention", .interaction_id = id_at(event.callback, "event_id")};
        return;
    }
    item.what = MessageSent{.content_kind = std::string(content_kind(event.event)),
                            .thread = thread_of(event.event)};
}

// Unfurled links also come as `message_changed`, without an edit and with the same text.
void read_changed(const Event& event, Item& item) {
    const JsonObject* now = object_at(event.event, "message");
    const JsonObject* before = object_at(event.event, "previous_message");
    const JsonObject* edited = object_at(now, "edited");
    item.message_id = id_at(now, "ts");
    item.actor = author_of(event.callback, now);
    item.text = text_at(now, "text");
    read_files(now, item);
    const bool is_edit =
        edited != nullptr || (before != nullptr && text_at(before, "text") != item.text);
    if (!is_edit || item.message_id.empty() || !item.room) return;
    item.what = MessageChanged{.content_kind = std::string(content_kind(now)),
                               .thread = thread_of(now),
                               .edited_at_us = ts_us(text_at(edited, "ts"))};
}

void read_deleted(const Event& event, Item& item) {
    item.message_id = id_at(event.event, "deleted_ts");
    if (!item.message_id.empty() && item.room) item.what = MessageRemoved{};
}

void read_message(const Event& event, Item& item) {
    if (event.subtype == "message_changed") return read_changed(event, item);
    if (event.subtype == "message_deleted") return read_deleted(event, item);
    if (event.subtype == "message_replied") return;  // says again what the reply itself says
    read_said(event, item);
}

void read_reaction(const Event& event, Item& item) {
    const JsonObject* on = object_at(event.event, "item");
    item.room = room_of(id_at(on, "channel"), {});
    item.message_id = id_at(on, "ts");
    item.actor = author_of(event.callback, event.event);
    item.text = text_at(event.event, "reaction");
    if (!item.room || item.message_id.empty() || !item.actor || item.text.empty()) return;
    item.what = Reacted{.set = event.type == "reaction_added", .one_of_several = true};
}

void read_membership(const Event& event, Item& item) {
    auto member = author_of(event.callback, event.event);
    item.actor = member;
    if (auto inviter = person_of(event.callback, id_at(event.event, "inviter"), nullptr))
        item.actor = std::move(inviter);
    if (!member || !item.room) return;
    item.what =
        Membership{.joined = event.type == "member_joined_channel", .member = std::move(*member)};
}

struct TypeRow {
    std::string_view type;
    void (*read)(const Event&, Item&);
};
constexpr std::array kTypes{TypeRow{"message", read_message},
                            TypeRow{"app_mention", read_said},
                            TypeRow{"reaction_added", read_reaction},
                            TypeRow{"reaction_removed", read_reaction},
                            TypeRow{"member_joined_channel", read_membership},
                            TypeRow{"member_left_channel", read_membership}};

}  // namespace

Item read_event(const JsonObject* callback, std::string_view bytes) {
    Event event{callback, object_at(callback, "event"), {}, {}};
    event.type = text_at(event.event, "type");
    event.subtype = text_at(event.event, "subtype");

    Item item{.what = Unrecognised{.field = clear_word(event.type)},
              .dedupe_id = {},
              .identity = canonical_or_raw(bytes),
              .source = bytes};
    const std::string event_id = id_at(callback, "event_id");
    item.dedupe_id = "sl:" + id_at(callback, "team_id") + ":" +
                     (event_id.empty() ? "h:" + item.identity : event_id);
    item.room = room_of(id_at(event.event, "channel"), text_at(event.event, "channel_type"));
    item.actor = author_of(callback, event.event);
    item.occurred_at_us = ts_us(text_at(event.event, "event_ts"));
    const auto* row = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](const TypeRow& r) { return r.type == event.type; });
    if (row != kTypes.end()) row->read(event, item);
    return item;
}

}  // namespace decklog::ingest::slack
