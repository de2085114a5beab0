#include "ingest/slack/normalise.hpp"

#include "ingest/form.hpp"
#include "ingest/limits.hpp"
#include "ingest/slack/answers.hpp"
#include "ingest/slack/event.hpp"
#include "ingest/slack/interaction.hpp"

namespace decklog::ingest::slack {
namespace {

domain::Decision<Reading> read_url_verification(const JsonObject* object) {
    const std::string_view challenge = text_at(object, "challenge");
    if (challenge.empty() || challenge.size() > limits::kChallengeBytesMax) {
        return domain::reject("bad_challenge", "the challenge is missing or too long", "challenge",
                              static_cast<std::int64_t>(limits::kChallengeBytesMax));
    }
    Reading reading;
    reading.handshake = challenged(challenge);
    return reading;
}

domain::Decision<Reading> read_callback(const SignedBody& body) {
    const auto parsed = parse_json(body.bytes);
    if (!parsed) return tl::unexpected(parsed.error());
    const JsonObject* object = parsed->if_object();
    const std::string_view type = text_at(object, "type");
    if (type == "url_verification") return read_url_verification(object);
    Reading reading;
    if (std::string team = id_at(object, "team_id"); !team.empty())
        reading.native_accounts.push_back(std::move(team));
    if (type == "event_callback") {
        reading.items.push_back(read_event(object, body.bytes));
    } else {
        reading.items.push_back(
            unrecognised_body(body.bytes, type.empty() ? "body" : clear_word(type), "sl:"));
    }
    return reading;
}

domain::Decision<Reading> read_interaction(std::string_view payload_text, std::string_view bytes) {
    const auto parsed = parse_json(payload_text);
    if (!parsed) return tl::unexpected(parsed.error());
    const JsonObject* payload = parsed->if_object();
    Reading reading;
    reading.items.push_back(read_payload(payload, payload_text, bytes));
    if (text_at(payload, "type") == "block_suggestion")
        reading.answer = [](std::string_view) { return no_options(); };
    if (std::string team = id_at(object_at(payload, "team"), "id"); !team.empty()) {
        reading.native_accounts.push_back(std::move(team));
    }
    return reading;
}

domain::Decision<Reading> read_form(const SignedBody& body) {
    const auto form = parse_form(body.bytes);
    if (!form) return domain::reject("invalid_form", "the body is not a valid form");
    Reading reading;
    if (form_value(*form, "ssl_check") == "1") {
        reading.handshake = HookAnswer{};
        return reading;
    }
    if (const std::string_view payload = form_value(*form, "payload"); !payload.empty()) {
        return read_interaction(payload, body.bytes);
    }
    if (std::string team(form_value(*form, "team_id")); !team.empty())
        reading.native_accounts.push_back(std::move(team));
    if (form_value(*form, "command").empty()) {
        reading.items.push_back(unrecognised_body(body.bytes, "form", "sl:"));
        return reading;
    }
    reading.items.push_back(read_slash(*form, body.bytes));
    reading.answer = recorded_command;
    reading.command = command_of(*form);
    return reading;
}

}  // namespace

domain::Decision<Reading> read(const SignedBody& body) {
    return is_form(body.content_type, body.bytes) ? read_form(body) : read_callback(body);
}

}  // namespace decklog::ingest::slack
