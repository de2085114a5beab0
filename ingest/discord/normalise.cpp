#include "ingest/discord/normalise.hpp"

#include "ingest/discord/answers.hpp"
#include "ingest/discord/interaction.hpp"

namespace decklog::ingest::discord {
namespace {

constexpr int kNoContent = 204;

HookAnswer no_content(std::string_view) { return HookAnswer{.status = kNoContent}; }

Reading read_webhook_event(const JsonObject* event, std::string_view bytes) {
    Reading reading;
    const std::string_view type = text_at(object_at(event, "event"), "type");
    reading.items.push_back(
        unrecognised_body(bytes, clear_word(type), "dc:" + id_at(event, "application_id") + ":e:"));
    reading.answer = no_content;
    return reading;
}

Reading read_forwarded(const JsonObject* entry, std::string_view bytes) {
    Reading reading;
    reading.items.push_back(unrecognised_body(bytes, clear_word(text_at(entry, "type")), "dc:g:"));
    return reading;
}

std::string_view recorded_as(const What& what) {
    if (std::holds_alternative<CommandGiven>(what)) return "command";
    if (std::holds_alternative<ComponentUsed>(what)) return "component";
    return "interaction";
}

Reading read_interaction_body(const JsonObject* interaction, std::string_view bytes) {
    Reading reading;
    reading.items.push_back(read_interaction(interaction, bytes));
    if (integer_at(interaction, "type") ==
        static_cast<std::int64_t>(InteractionType::autocomplete)) {
        reading.answer = [](std::string_view) { return no_choices(); };
        return reading;
    }
    reading.command = command_of(interaction);
    reading.answer = [what = recorded_as(reading.items.front().what)](std::string_view cursor) {
        return recorded(what, cursor);
    };
    return reading;
}

Reading handshake(HookAnswer answer) {
    Reading reading;
    reading.handshake = std::move(answer);
    return reading;
}

Reading read_object(const JsonObject* object, std::string_view bytes) {
    const auto type = integer_at(object, "type");
    if (has(object, "event") || type == 0) {
        if (type == 0) return handshake(no_content({}));
        return read_webhook_event(object, bytes);
    }
    if (type == static_cast<std::int64_t>(InteractionType::ping)) return handshake(pong());
    if (type) return read_interaction_body(object, bytes);
    return read_forwarded(object, bytes);
}

}  // namespace

domain::Decision<Reading> read(const SignedBody& body) {
    const auto parsed = parse_json(body.bytes);
    if (!parsed) return tl::unexpected(parsed.error());
    const JsonObject* object = parsed->if_object();
    Reading reading;
    if (object == nullptr) {
        reading.items.push_back(unrecognised_body(body.bytes, "body", "dc:"));
        return reading;
    }
    reading = read_object(object, body.bytes);
    if (std::string application = id_at(object, "application_id"); !application.empty()) {
        reading.native_accounts.push_back(std::move(application));
    }
    return reading;
}

}  // namespace decklog::ingest::discord
