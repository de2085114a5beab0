#include "api/writes/audit_action.hpp"

#include <array>
#include <memory>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/writes/json_fields.hpp"
#include "api/writes/rules.hpp"
#include "domain/audit/clear_details.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/stream_name.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 13> kFields{
    "actorType", "actorId",  "entityType",     "entityId", "action",  "details", "createdAt",
    "id",        "platform", "conversationId", "cohort",   "release", "unit"};

constexpr std::size_t kLeafDepth = 2;  // the table of clear details names at most two keys

struct OwnId {
    std::string text;   // what the key and the payload hold
    std::string token;  // what answers show
    bool is_number = false;
};

OwnId read_own_id(JsonFields& fields) {
    const auto* value = fields.find("id");
    if (value == nullptr) return {};
    OwnId id;
    id.token = fields.token("id");
    id.is_number = value->is_number();
    if (value->is_string()) id.text = fields.id("id");
    if (id.is_number) id.text = id.token;
    if (auto refusal = rules::outside_id(id.text, "id")) fields.refuse(std::move(*refusal));
    return id;
}

std::vector<std::string> keys_of(const std::string& path) {
    std::vector<std::string> keys;
    if (path.starts_with('[')) {
        const boost::json::value parsed = boost::json::parse(path);
        for (const auto& key : parsed.as_array()) keys.emplace_back(key.as_string());
        return keys;
    }
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t dot = std::min(path.find('.', begin), path.size());
        keys.push_back(path.substr(begin, dot - begin));
        begin = dot + 1;
    }
    return keys;
}

domain::SplitDetails split(std::string_view details) {
    std::vector<domain::DetailLeaf> leaves;
    for (const auto& [path, token] : store::json_leaves(details, kLeafDepth))
        leaves.push_back({keys_of(path), token});
    return domain::split_details(leaves);
}

/// A string's characters, a number's digits; empty for all else and for what is no id.
std::string id_in_details(std::string_view details, std::string_view path) {
    const std::string_view token = store::json_token_at(details, path);
    if (token.empty()) return {};
    const auto value = boost::json::parse(boost::json::string_view(token.data(), token.size()));
    std::string text;
    if (value.is_string()) text = std::string(value.get_string().data(), value.get_string().size());
    if (value.is_number()) text = token;
    return rules::outside_id(text, path) ? std::string() : text;
}

std::string first_of(std::initializer_list<std::string> candidates) {
    for (const std::string& candidate : candidates) {
        if (!candidate.empty()) return candidate;
    }
    return {};
}

/// The envelope names platform and conversation as the observability queries do: details first.
void place(domain::NewEvent& event, const fb::AuditActionRecordedT& payload,
           std::string_view details, JsonFields& fields) {
    const std::string platform = fields.id("platform");
    const std::string conversation = fields.id("conversationId");
    event.platform = first_of({id_in_details(details, "platform"), platform});
    event.conversation = first_of(
        {id_in_details(details, "conversationId"), id_in_details(details, "conversation.id"),
         conversation, payload.entity_type == "conversation" ? payload.entity_id : std::string()});
}

void fill_envelope(domain::NewEvent& event, JsonFields& fields, const WriteContext& context) {
    event.type = domain::EventType::audit_action_recorded;
    event.action = fields.required_name("action");
    event.workspace = context.workspace;
    event.occurred_at_us = fields.past_time("createdAt", context.now_us).value_or(context.now_us);
    event.actor = {fields.id("actorType"), fields.id("actorId")};
    event.recorded_by = context.recorded_by;
    event.account = context.account.value_or(std::string());
    event.cohort = fields.cohort("cohort");
    event.release = fields.name("release");
    event.unit = fields.id("unit");
    event.correlation_id = domain::to_text(context.trace);
    event.trace_id = context.trace;
    if (auto refusal = rules::not_reserved(event.action, "action"))
        fields.refuse(std::move(*refusal));
}

std::string_view read_details(JsonFields& fields) {
    const auto* value = fields.find("details");
    if (value != nullptr && !value->is_object()) {
        fields.refuse({"not_an_object", "details is an object, null or left out", "details", {}});
    }
    return fields.token("details");
}

void split_into(Write& write, fb::AuditActionRecordedT& payload, std::string_view details) {
    const domain::SplitDetails parts = split(details);
    for (const auto& known : parts.known) {
        auto clear = std::make_unique<fb::ClearDetailT>();
        clear->path = known.path;
        clear->value = known.value;
        payload.known.push_back(std::move(clear));
    }
    if (!parts.needs_sealing) {
        payload.details = std::string(details);
        return;
    }
    const domain::NewEvent& event = write.event;
    Sealing sealing;
    sealing.subject =
        event.conversation.empty()
            ? store::NativeSubject{"entity", payload.entity_type, payload.entity_id}
            : store::NativeSubject{"conversation", event.platform, event.conversation};
    sealing.personal.details = std::string(details);
    write.sealing = std::move(sealing);
}

domain::Decision<std::string> canonical(std::string_view text) {
    if (text.size() > domain::limits::kEventBytesMax) {
        return domain::reject("event_too_large",
                              "one event may hold at most 512 KiB; send less in one item", {},
                              static_cast<std::int64_t>(domain::limits::kEventBytesMax));
    }
    return store::canonical_json(text, domain::limits::kJsonDepthMax);
}

}  // namespace

CheckedWrite audit_action(std::string_view text, const std::optional<std::string>& key,
                          const WriteContext& context) {
    auto plain = canonical(text);
    if (!plain) return tl::unexpected(plain.error());
    auto read = JsonFields::read(text, domain::limits::kJsonDepthMax);
    if (!read) return tl::unexpected(read.error());
    JsonFields& fields = *read;
    fields.allow(kFields, "there is no such field; what else there is to say belongs into details");

    Write write;
    write.command = "record_audit_action";
    write.canonical = std::move(*plain);
    fill_envelope(write.event, fields, context);
    const OwnId own_id = read_own_id(fields);
    fb::AuditActionRecordedT payload;
    payload.id = own_id.text;
    payload.id_is_number = own_id.is_number;
    payload.entity_type = fields.required_id("entityType");
    payload.entity_id = fields.required_id("entityId");
    payload.actor_id_is_null = fields.find("actorId") == nullptr;
    const std::string_view details = read_details(fields);
    if (fields.refusal()) return tl::unexpected(*fields.refusal());
    place(write.event, payload, details, fields);
    if (fields.refusal()) return tl::unexpected(*fields.refusal());

    if (!details.empty()) split_into(write, payload, details);
    write.event.stream =
        domain::audit_stream(payload.entity_type, payload.entity_id,
                             [&context](std::string_view name) { return context.digest(name); });
    write.event.payload = domain::encode_payload(payload);
    write.own_id = own_id.token;
    if (!own_id.text.empty()) {
        write.key = "id:" + own_id.text;
    } else if (key) {
        write.key = "key:" + *key;
    }
    return write;
}

}  // namespace decklog::api
