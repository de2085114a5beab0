#include "ingest/slack/interaction.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ingest/slack/answers.hpp"
#include "ingest/slack/names.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest::slack {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"view_submission", "view_closed", "shortcut",
                                                 "message_action"};

std::optional<Person> actor_of(const JsonObject* payload) {
    const JsonObject* user = object_at(payload, "user");
    Person person{.native_id = id_at(user, "id"),
                  .display_name = std::string(text_at(user, "name")),
                  .username = std::string(text_at(user, "username"))};
    if (person.native_id.empty()) return std::nullopt;
    return person;
}

std::string own_id(const Form& form, std::string_view key) {
    return id_of_text(form_value(form, key));
}

void read_actions(const JsonObject* payload, std::string_view payload_text, Item& item) {
    const JsonArray& actions = array_at(payload, "actions");
    const JsonObject* action = actions.empty() ? nullptr : actions.front().if_object();
    if (action == nullptr) return;
    item.what = ComponentUsed{.kind = clear_word(text_at(action, "type")),
                              .interaction_id = id_at(payload, "trigger_id")};
    item.occurred_at_us = ts_us(text_at(action, "action_ts"));
    item.text = text_at(action, "action_id");
    item.details = store::json_token_at(payload_text, "actions");
}

void read_other(const JsonObject* payload, std::string_view type, std::string_view payload_text,
                Item& item) {
    if (std::find(kKinds.begin(), kKinds.end(), type) == kKinds.end()) return;
    const JsonObject* view = object_at(payload, "view");
    item.what =
        ComponentUsed{.kind = std::string(type), .interaction_id = id_at(payload, "trigger_id")};
    item.text = text_at(view == nullptr ? payload : view, "callback_id");
    item.details = store::json_token_at(payload_text, "view.state");
}

/// Slack writes three characters of a text as entities, and no others.
std::string as_typed(std::string_view text) {
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    std::string typed;
    while (!text.empty()) {
        char next = text.front();
        std::size_t length = 1;
        for (const auto& [entity, c] : kEntities) {
            if (!text.starts_with(entity)) continue;
            next = c;
            length = entity.size();
        }
        typed += next;
        text.remove_prefix(length);
    }
    return typed;
}

}  // namespace

CommandAsked command_of(const Form& form) {
    return {
        .person = own_id(form, "user_id"), .words = as_typed(form_value(form, "text")), .say = say};
}

Item read_slash(const Form& form, std::string_view bytes) {
    Item item{
        .what = CommandGiven{.surface = "slash", .interaction_id = own_id(form, "trigger_id")},
        .dedupe_id = {},
        .identity = std::string(bytes),
        .source = bytes};
    item.dedupe_id = "sl:" + own_id(form, "team_id") + ":slash:" + item.identity;
    const std::string_view channel_name = form_value(form, "channel_name");
    const std::string_view type = channel_name == "directmessage" ? "im" : "";
    item.room = room_of(own_id(form, "channel_id"), type, channel_name);
    Person person{.native_id = own_id(form, "user_id"),
                  .display_name = std::string(form_value(form, "user_name"))};
    if (!person.native_id.empty()) item.actor = std::move(person);
    item.text = form_value(form, "command");
    if (const std::string_view rest = form_value(form, "text"); !rest.empty())
        item.text.append(" ").append(rest);
    return item;
}

Item read_payload(const JsonObject* payload, std::string_view payload_text,
                  std::string_view bytes) {
    const std::string_view type = text_at(payload, "type");
    Item item{.what = Unrecognised{.field = clear_word(type)},
              .dedupe_id = {},
              .identity = canonical_or_raw(payload_text),
              .source = bytes};
    item.dedupe_id =
        "sl:" + id_at(object_at(payload, "team"), "id") + ":interaction:" + item.identity;
    const JsonObject* channel = object_at(payload, "channel");
    const JsonObject* container = object_at(payload, "container");
    std::string channel_id = id_at(channel, "id");
    if (channel_id.empty()) channel_id = id_at(container, "channel_id");
    item.room = room_of(std::move(channel_id), {}, text_at(channel, "name"));
    item.actor = actor_of(payload);
    item.message_id = id_at(container, "message_ts");
    if (type == "block_actions") {
        read_actions(payload, payload_text, item);
    } else {
        read_other(payload, type, payload_text, item);
    }
    return item;
}

}  // namespace decklog::ingest::slack
