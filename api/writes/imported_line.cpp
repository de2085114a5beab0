#include "api/writes/imported_line.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>

#include "api/json_writer.hpp"
#include "api/writes/audit_action.hpp"
#include "api/writes/cloud_event.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/limits.hpp"
#include "domain/registry.hpp"
#include "store/frame/frame.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

// An answer nests what came in a few levels deeper.
constexpr std::size_t kDepthMax = domain::limits::kJsonDepthMax + 8;

/// The text members of an event in our JSON, by dotted path; the text has been checked.
class EventText {
  public:
    explicit EventText(std::string_view text) : text_(text) {}
    [[nodiscard]] std::string_view token(std::string_view path) const {
        const std::string_view token = store::json_token_at(text_, path);
        return token == "null" ? std::string_view() : token;
    }
    /// A string's characters; empty for all else.
    [[nodiscard]] std::string text(std::string_view path) const {
        const std::string_view value = token(path);
        if (!value.starts_with('"')) return {};
        boost::system::error_code error;
        const auto parsed =
            boost::json::parse(boost::json::string_view(value.data(), value.size()), error);
        return error ? std::string() : std::string(parsed.get_string());
    }
    [[nodiscard]] bool has(std::string_view path) const { return !token(path).empty(); }

  private:
    std::string_view text_;
};

/// What the export left closed cannot come in: it would be the word `[sealed]` that is kept.
std::optional<domain::Rejection> closed_part(const EventText& event) {
    const std::string personal = event.text("personal");
    if (personal == "[sealed]") {
        return domain::Rejection{"sealed_data",
                                 "its sealed part was not exported; export with --personal",
                                 "personal",
                                 {}};
    }
    if (personal == "[erased]") {
        return domain::Rejection{
            "erased_data", "whom it is about was forgotten; nothing of it is left", "personal", {}};
    }
    return std::nullopt;
}

/// Does this ledger hold the event, at the position that the line names?
std::optional<store::Receipt> held_here(const EventText& event, const store::LogReader& log) {
    const auto id = domain::event_id_from_text(event.text("eventId"));
    const std::string position = event.text("position");
    const auto colon = position.find(':');
    if (!id || colon == std::string::npos) return std::nullopt;
    std::uint64_t ordinal = 0;
    const auto [end, error] =
        std::from_chars(position.data() + colon + 1, position.data() + position.size(), ordinal);
    if (error != std::errc{} || end != position.data() + position.size()) return std::nullopt;
    const domain::Position at{0, ordinal};
    const auto frame = log.frame_at(at);
    if (!frame) return std::nullopt;
    if ((*frame)->event(ordinal - (*frame)->first().ordinal).event_id() != *id) return std::nullopt;
    store::Receipt receipt;
    receipt.outcome = store::Outcome::repeated;
    receipt.first = receipt.last = at;
    receipt.event_ids = {*id};
    receipt.recorded_at_us = (*frame)->header().recorded_at_us;
    return receipt;
}

/// What the envelope says, as attributes; `with_place` where the data does not say it itself.
CloudEvent envelope(const EventText& event, bool with_place) {
    CloudEvent out;
    const auto set = [&out](const char* name, std::string value) {
        if (!value.empty()) out.attributes.emplace(name, std::move(value));
    };
    set("specversion", "1.0");
    set("type", event.text("type"));
    set("source", event.text("payload.source"));
    set("time", event.text("occurredAt"));
    set("account", event.text("account"));
    set("actortype", event.text("actor.type"));
    set("actorid", event.text("actor.id"));
    set("cohort", event.text("cohort"));
    set("release", event.text("release"));
    set("unit", event.text("unit"));
    const std::string trace = event.text("traceId");
    if (const std::string correlation = event.text("correlationId"); correlation != trace)
        set("correlationid", correlation);
    // The span is not kept; any may stand for it.
    if (!trace.empty()) set("traceparent", "00-" + trace + "-0000000000000001-01");
    if (!with_place) return out;
    set("platform", event.text("platform"));
    set("conversationid", event.text("conversation"));
    set("subject", event.text("stream"));
    return out;
}

CheckedWrite through_events_door(const CloudEvent& event, const WriteContext& context) {
    auto write = cloud_event_write(event, context);
    if (write) write->source = kEventsSource;
    return write;
}

CheckedWrite external_write(const EventText& event, const WriteContext& context) {
    CloudEvent cloud_event = envelope(event, true);
    cloud_event.attributes.emplace("id", event.text("payload.cloudEventId"));
    cloud_event.data = event.token("payload.data");
    return through_events_door(cloud_event, context);
}

CheckedWrite record_write(const EventText& event, const WriteContext& context) {
    CloudEvent cloud_event = envelope(event, false);
    cloud_event.attributes.emplace("id", event.text("payload.changeId"));
    JsonWriter data;
    data.begin_object();
    for (const char* name : {"messageId", "conversationId", "direction", "reviewStatus", "sentAt",
                             "appointmentId", "status", "createdAt", "startsAt", "endsAt"}) {
        data.field_if_any(name, event.text(std::string("payload.") + name));
    }
    data.field_if_any("platform", event.text("platform"));
    cloud_event.data = data.end_object().take();
    return through_events_door(cloud_event, context);
}

CheckedWrite audit_write(const EventText& event, const WriteContext& context) {
    JsonWriter action;
    action.begin_object().field("action", event.text("action"));
    action.field_if_any("actorType", event.text("actor.type"))
        .field_if_any("actorId", event.text("actor.id"))
        .field("entityType", event.text("payload.entityType"))
        .field("entityId", event.text("payload.entityId"))
        .field("createdAt", event.text("occurredAt"))
        .field_if_any("platform", event.text("platform"))
        .field_if_any("conversationId", event.text("conversation"))
        .field_if_any("cohort", event.text("cohort"))
        .field_if_any("release", event.text("release"))
        .field_if_any("unit", event.text("unit"));
    if (event.has("payload.id")) action.key("id").raw(event.token("payload.id"));
    if (event.has("payload.details")) action.key("details").raw(event.token("payload.details"));
    auto write =
        audit_action(action.end_object().take(), "import:" + event.text("eventId"), context);
    if (write) write->source = kAuditSource;
    return write;
}

/// A field by the name of the door that refused it, and by the line's own.
using FieldName = std::pair<std::string_view, std::string_view>;

constexpr FieldName kOfExternal[] = {
    {"time", "occurredAt"},         {"actortype", "actor.type"},
    {"actorid", "actor.id"},        {"conversationid", "conversation"},
    {"subject", "stream"},          {"source", "payload.source"},
    {"id", "payload.cloudEventId"}, {"correlationid", "correlationId"},
    {"traceparent", "traceId"},     {"data", "payload.data"}};
constexpr FieldName kOfRecord[] = {{"time", "occurredAt"},
                                   {"actortype", "actor.type"},
                                   {"actorid", "actor.id"},
                                   {"source", "payload.source"},
                                   {"id", "payload.changeId"},
                                   {"correlationid", "correlationId"},
                                   {"traceparent", "traceId"},
                                   {"messageId", "payload.messageId"},
                                   {"conversationId", "payload.conversationId"},
                                   {"direction", "payload.direction"},
                                   {"reviewStatus", "payload.reviewStatus"},
                                   {"sentAt", "payload.sentAt"},
                                   {"appointmentId", "payload.appointmentId"},
                                   {"status", "payload.status"},
                                   {"createdAt", "payload.createdAt"},
                                   {"startsAt", "payload.startsAt"},
                                   {"endsAt", "payload.endsAt"}};
constexpr FieldName kOfAction[] = {{"createdAt", "occurredAt"},
                                   {"actorType", "actor.type"},
                                   {"actorId", "actor.id"},
                                   {"conversationId", "conversation"},
                                   {"entityType", "payload.entityType"},
                                   {"entityId", "payload.entityId"},
                                   {"id", "payload.id"},
                                   {"details", "payload.details"}};

CheckedWrite in_words_of_the_line(CheckedWrite write, std::span<const FieldName> names) {
    if (write) return write;
    for (const auto& [door, line] : names) {
        if (write.error().field != door) continue;
        write.error().field = line;
        break;
    }
    return write;
}

CheckedWrite own_event(const EventText& event, const WriteContext& context,
                       const store::LogReader& log) {
    if (auto receipt = held_here(event, log)) {
        Write held;
        held.held = std::move(*receipt);
        return held;
    }
    const std::string type = event.text("type");
    const domain::TypeInfo* info = domain::find_type_by_name(type);
    const bool is_external = info == nullptr && event.has("payload.cloudEventId");
    const bool is_record =
        info != nullptr && (info->type == domain::EventType::message_recorded ||
                            info->type == domain::EventType::appointment_recorded);
    const bool is_action =
        info != nullptr && info->type == domain::EventType::audit_action_recorded;
    if (!is_external && !is_record && !is_action) {
        return domain::reject("reserved_type", "only decklog itself writes events of this type",
                              "type");
    }
    if (auto closed = closed_part(event)) return tl::unexpected(std::move(*closed));
    if (is_external) return in_words_of_the_line(external_write(event, context), kOfExternal);
    return is_record ? in_words_of_the_line(record_write(event, context), kOfRecord)
                     : in_words_of_the_line(audit_write(event, context), kOfAction);
}

}  // namespace

CheckedWrite imported_line(std::string_view text, const WriteContext& context,
                           const store::LogReader& log) {
    if (auto checked = store::canonical_json(text, kDepthMax); !checked) {
        auto refused = std::move(checked).error();
        // What came in may nest so deep; the levels around it are the line's own.
        if (refused.code == "json_too_deep")
            refused.limit = static_cast<std::int64_t>(domain::limits::kJsonDepthMax);
        return tl::unexpected(std::move(refused));
    }
    const EventText event(text);
    if (event.has("specversion")) {
        const auto cloud_event = structured_cloud_event(text);
        if (!cloud_event) return tl::unexpected(cloud_event.error());
        return through_events_door(*cloud_event, context);
    }
    if (event.has("eventId") && event.has("type") && event.has("payload"))
        return own_event(event, context, log);
    return domain::reject("not_an_event", "a line is a CloudEvent or an event of an export");
}

}  // namespace decklog::api
