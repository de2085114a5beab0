#include "ingest/discord/interaction.hpp"

#include <charconv>

#include "ingest/discord/answers.hpp"
#include "ingest/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest::discord {
namespace {

constexpr std::int64_t kDirectChannel = 1;
constexpr std::int64_t kGroupChannel = 3;
constexpr std::size_t kOptionDepthMax = 3;  // group, subcommand, its values

std::string display_name(const JsonObject* member, const JsonObject* user) {
    for (const std::string_view name :
         {text_at(member, "nick"), text_at(user, "global_name"), text_at(user, "username")}) {
        if (!name.empty()) return std::string(name);
    }
    return {};
}

std::optional<Person> actor_of(const JsonObject* interaction) {
    const JsonObject* member = object_at(interaction, "member");
    const JsonObject* user = object_at(member == nullptr ? interaction : member, "user");
    Person person{.native_id = id_at(user, "id"),
                  .display_name = display_name(member, user),
                  .username = std::string(text_at(user, "username")),
                  .is_bot = flag_at(user, "bot")};
    if (person.native_id.empty()) return std::nullopt;
    for (const Json& role : array_at(member, "roles")) {
        if (std::string id = id_of(role); !id.empty()) person.roles.push_back(std::move(id));
    }
    return person;
}

std::optional<Room> room_of(const JsonObject* interaction) {
    const JsonObject* channel = object_at(interaction, "channel");
    Room room{.native_id = id_at(interaction, "channel_id"),
              .title = std::string(text_at(channel, "name"))};
    if (room.native_id.empty()) room.native_id = id_at(channel, "id");
    if (room.native_id.empty()) return std::nullopt;
    const auto type = integer_at(channel, "type");
    room.direct =
        type == kDirectChannel || (!has(interaction, "guild_id") && type != kGroupChannel);
    return room;
}

void append_options(const JsonObject* holder, std::size_t depth, std::string& line) {
    for (const Json& value : array_at(holder, "options")) {
        const JsonObject* option = value.if_object();
        line.append(" ").append(text_at(option, "name"));
        if (const std::string given = id_at(option, "value"); !given.empty()) {
            line.append(":").append(given);
        } else if (has(option, "value")) {
            line.append(flag_at(option, "value") ? ":true" : ":…");
        }
        if (depth < kOptionDepthMax) append_options(option, depth + 1, line);
    }
}

// What the person typed, as one line: `/ops refresh bucket:all`.
std::string command_line(const JsonObject* data) {
    std::string line = "/" + std::string(text_at(data, "name"));
    append_options(data, 1, line);
    return line;
}

/// False: an option is a number, a person, a channel: its value is no text, or an id of somebody.
bool append_words(const JsonObject* holder, std::size_t depth, std::string& words) {
    constexpr std::int64_t kGroup = 2;  // 1: a sub-command
    constexpr std::int64_t kText = 3;
    bool is_all_text = true;
    for (const Json& value : array_at(holder, "options")) {
        const JsonObject* option = value.if_object();
        const std::int64_t type = integer_at(option, "type").value_or(0);
        const bool is_name = type >= 1 && type <= kGroup;
        if (!is_name && type != kText) {
            is_all_text = false;
            continue;
        }
        if (!words.empty()) words += ' ';
        words += is_name ? text_at(option, "name") : text_at(option, "value");
        if (is_name && depth < kOptionDepthMax)
            is_all_text = append_words(option, depth + 1, words) && is_all_text;
    }
    return is_all_text;
}

What what_of(const JsonObject* interaction, const std::string& id) {
    switch (static_cast<InteractionType>(integer_at(interaction, "type").value_or(0))) {
        case InteractionType::command:
            return CommandGiven{.surface = "slash", .interaction_id = id};
        case InteractionType::component:
            return ComponentUsed{
                .kind = integer_at(object_at(interaction, "data"), "component_type") == 2
                            ? "button"
                            : "select",
                .interaction_id = id};
        case InteractionType::modal:
            return ComponentUsed{.kind = "modal", .interaction_id = id};
        // One per keystroke of somebody who may never send it: kept in the raw body, not a command.
        case InteractionType::autocomplete:
            return Unrecognised{.field = "interaction.autocomplete"};
        case InteractionType::ping:
            break;
    }
    return Unrecognised{.field = "interaction"};
}

}  // namespace

std::int64_t snowflake_time_us(std::string_view id) {
    constexpr std::int64_t kDiscordEpochMs = 1'420'070'400'000;
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(id.data(), id.data() + id.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size() || value == 0) return 0;
    return (static_cast<std::int64_t>(value >> 22U) + kDiscordEpochMs) * 1000;
}

std::optional<CommandAsked> command_of(const JsonObject* interaction) {
    constexpr std::int64_t kTyped = 1;  // the others are picked from a menu, on somebody
    const bool is_command =
        integer_at(interaction, "type") == static_cast<std::int64_t>(InteractionType::command);
    const JsonObject* data = object_at(interaction, "data");
    if (!is_command || integer_at(data, "type").value_or(kTyped) != kTyped) return std::nullopt;
    CommandAsked asked{.person = {}, .words = {}, .say = say};
    if (const auto actor = actor_of(interaction)) asked.person = actor->native_id;
    asked.is_all_text = append_words(data, 1, asked.words);
    return asked;
}

Item read_interaction(const JsonObject* interaction, std::string_view bytes) {
    const std::string id = id_at(interaction, "id");
    const std::string application = id_at(interaction, "application_id");
    const JsonObject* data = object_at(interaction, "data");
    Item item{.what = what_of(interaction, id),
              .dedupe_id = {},
              .identity = canonical_or_raw(bytes),
              .source = bytes};
    item.dedupe_id = "dc:" + application + ":i:" + (id.empty() ? "h:" + item.identity : id);
    item.room = room_of(interaction);
    item.actor = actor_of(interaction);
    item.message_id = id_at(object_at(interaction, "message"), "id");
    item.occurred_at_us = snowflake_time_us(id);
    item.text = std::holds_alternative<CommandGiven>(item.what)
                    ? command_line(data)
                    : std::string(text_at(data, "custom_id"));
    item.details = store::json_token_at(bytes, "data");
    return item;
}

}  // namespace decklog::ingest::discord
