#include "ingest/telegram/content.hpp"

#include <algorithm>
#include <array>

#include "ingest/limits.hpp"
#include "ingest/unicode.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest::telegram {
namespace {

enum class Holds {
    words,
    file,
    sizes,
    fields
};  // sizes: an array of the same picture, the largest last

struct Kind {
    std::string_view key;
    Holds holds = Holds::fields;
    std::string_view text_key{};  // where the content's own words are
};

// In order of precedence: an animation also comes as a document, a venue as a location.
constexpr std::array kKinds{
    Kind{"text", Holds::words},
    Kind{"animation", Holds::file},
    Kind{"audio", Holds::file, "title"},
    Kind{"document", Holds::file},
    Kind{"photo", Holds::sizes},
    Kind{"sticker", Holds::file, "emoji"},
    Kind{"video", Holds::file},
    Kind{"video_note", Holds::file},
    Kind{"voice", Holds::file},
    Kind{"new_chat_photo", Holds::sizes},
    Kind{"checklist", Holds::fields, "title"},
    Kind{"contact", Holds::fields, "first_name"},
    Kind{"dice", Holds::fields, "emoji"},
    Kind{"game", Holds::fields, "title"},
    Kind{"poll", Holds::fields, "question"},
    Kind{"venue", Holds::fields, "title"},
    Kind{"invoice", Holds::fields, "title"},
    Kind{"forum_topic_created", Holds::fields, "name"},
    Kind{"forum_topic_edited", Holds::fields, "name"},
    Kind{"web_app_data", Holds::fields, "button_text"},
    Kind{"poll_option_added", Holds::fields, "option_text"},
    Kind{"poll_option_deleted", Holds::fields, "option_text"},
    Kind{"pinned_message", Holds::fields, "text"},
    Kind{"new_chat_title", Holds::words},
    Kind{"connected_website", Holds::words},
    Kind{"location"},
    Kind{"paid_media"},
    Kind{"rich_message"},
    Kind{"story"},
    Kind{"giveaway"},
    Kind{"giveaway_created"},
    Kind{"giveaway_completed"},
    Kind{"giveaway_winners"},
    Kind{"successful_payment"},
    Kind{"refunded_payment"},
    Kind{"passport_data"},
    Kind{"users_shared"},
    Kind{"chat_shared"},
    Kind{"delete_chat_photo"},
    Kind{"group_chat_created"},
    Kind{"supergroup_chat_created"},
    Kind{"channel_chat_created"},
    Kind{"message_auto_delete_timer_changed"},
    Kind{"chat_owner_changed"},
    Kind{"chat_owner_left"},
    Kind{"checklist_tasks_added"},
    Kind{"checklist_tasks_done"},
    Kind{"community_chat_added"},
    Kind{"community_chat_removed"},
    Kind{"direct_message_price_changed"},
    Kind{"forum_topic_closed"},
    Kind{"forum_topic_reopened"},
    Kind{"general_forum_topic_hidden"},
    Kind{"general_forum_topic_unhidden"},
    Kind{"boost_added"},
    Kind{"chat_background_set"},
    Kind{"gift"},
    Kind{"unique_gift"},
    Kind{"managed_bot_created"},
    Kind{"paid_message_price_changed"},
    Kind{"proximity_alert_triggered"},
    Kind{"write_access_allowed"},
    Kind{"video_chat_scheduled"},
    Kind{"video_chat_started"},
    Kind{"video_chat_ended"},
    Kind{"video_chat_participants_invited"},
};
constexpr Kind kOther{"other"};

const Kind& kind_of(const JsonObject* message) {
    for (const Kind& kind : kKinds) {
        const Json* content = value_at(message, kind.key);
        if (content != nullptr && !content->is_null()) return kind;
    }
    return kOther;
}

std::vector<Span> spans_of(const JsonArray& entities, std::string_view text) {
    std::vector<Span> spans;
    for (const Json& value : entities) {
        const JsonObject* entity = value.if_object();
        const std::int64_t offset = integer_at(entity, "offset").value_or(-1);
        const std::int64_t length = integer_at(entity, "length").value_or(-1);
        if (offset < 0 || length < 0 || spans.size() >= limits::kSpansMax) continue;
        const auto from = static_cast<std::uint64_t>(offset);
        const std::uint32_t begin = code_points_before(text, from);
        const std::uint32_t end =
            code_points_before(text, from + static_cast<std::uint64_t>(length));
        std::string target(text_at(entity, "url"));
        if (target.empty()) target = id_at(object_at(entity, "user"), "id");
        if (target.empty()) target = id_at(entity, "custom_emoji_id");
        spans.push_back(
            {clear_word(text_at(entity, "type")), begin, end - begin, std::move(target)});
    }
    return spans;
}

void add_file(const JsonObject* file, Item& item) {
    std::string ref = id_at(file, "file_id");
    if (ref.empty()) return;
    const std::int64_t size = integer_at(file, "file_size").value_or(0);
    item.attachments.push_back({.native_ref = std::move(ref),
                                .mime = std::string(text_at(file, "mime_type")),
                                .size = size < 0 ? 0 : static_cast<std::uint64_t>(size),
                                .name = std::string(text_at(file, "file_name"))});
}

bool is_command_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool looks_like_command(std::string_view text) {
    if (!text.starts_with('/')) return false;
    text.remove_prefix(1);
    const auto end = std::find_if_not(text.begin(), text.end(), is_command_character);
    return end != text.begin() && (end == text.end() || *end == ' ' || *end == '@' || *end == '\n');
}

}  // namespace

std::string_view content_kind(const JsonObject* message) { return kind_of(message).key; }

void read_content(const Update& update, Item& item) {
    const JsonObject* message = update.content;
    const Kind& kind = kind_of(message);
    const bool captioned = has(message, "caption");
    item.text = text_at(message, captioned ? "caption" : kind.key);
    if (item.text.empty() && !kind.text_key.empty())
        item.text = text_at(object_at(message, kind.key), kind.text_key);
    item.spans =
        spans_of(array_at(message, captioned ? "caption_entities" : "entities"), item.text);
    switch (kind.holds) {
        case Holds::words:
            break;
        case Holds::file:
            add_file(object_at(message, kind.key), item);
            break;
        case Holds::sizes: {
            const JsonArray& sizes = array_at(message, kind.key);
            if (!sizes.empty()) add_file(sizes.back().if_object(), item);
            break;
        }
        case Holds::fields:
            item.details = store::json_token_at(
                update.bytes, std::string(update.kind) + "." + std::string(kind.key));
            break;
    }
}

bool is_command(const JsonObject* message) {
    if (!has(message, "entities")) return looks_like_command(text_at(message, "text"));
    for (const Json& value : array_at(message, "entities")) {
        const JsonObject* entity = value.if_object();
        if (text_at(entity, "type") == "bot_command" && integer_at(entity, "offset") == 0)
            return true;
    }
    return false;
}

}  // namespace decklog::ingest::telegram
