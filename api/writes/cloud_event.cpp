#include "api/writes/cloud_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/serialize.hpp>

#include "api/json_writer.hpp"
#include "api/writes/attributes.hpp"
#include "api/writes/json_fields.hpp"
#include "api/writes/rules.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/record/record.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kMessageRecorded = "message.recorded";
constexpr std::string_view kAppointmentRecorded = "appointment.recorded";
constexpr std::string_view kExternal = "ext/";

/// Not part of what a repeat must equal: traces differ each time, the content type is given in one
/// mode only.
constexpr std::array<std::string_view, 3> kNotCompared{"traceparent", "tracestate",
                                                       "datacontenttype"};

bool is_record(std::string_view type) {
    return type == kMessageRecorded || type == kAppointmentRecorded;
}

domain::Decision<std::string> canonical(const CloudEvent& event) {
    JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] : event.attributes) {
        if (std::find(kNotCompared.begin(), kNotCompared.end(), name) == kNotCompared.end())
            json.field(name, value);
    }
    if (!event.data.empty()) json.key("data").raw(event.data);
    json.end_object();
    return store::canonical_json(json.take(), domain::limits::kJsonDepthMax + 1);
}

void check_identity(Attributes& attributes) {
    if (attributes.text("specversion") != "1.0") {
        attributes.refuse(domain::Rejection{
            "unsupported_specversion", "send CloudEvents 1.0", "specversion", {}});
    }
    for (const std::string_view name : {"id", "source", "type"})
        static_cast<void>(attributes.required_id(name));
    const std::string_view type = attributes.text("type");
    // The two record types are ours too, and the only ones that services may cause.
    if (!is_record(type)) attributes.refuse(rules::not_reserved(type, "type"));
}

domain::NewEvent envelope(Attributes& attributes, const WriteContext& context) {
    domain::NewEvent event;
    event.workspace = context.workspace;
    event.occurred_at_us = attributes.time_us(context.now_us);
    event.actor = {attributes.id("actortype"), attributes.id("actorid")};
    event.recorded_by = context.recorded_by;
    event.platform = attributes.id("platform");
    event.conversation = attributes.id("conversationid");
    event.cohort = attributes.cohort("cohort");
    event.release = attributes.name("release");
    event.unit = attributes.id("unit");
    event.trace_id = attributes.trace().value_or(context.trace);
    event.correlation_id = attributes.id("correlationid");
    if (event.correlation_id.empty()) event.correlation_id = domain::to_text(event.trace_id);
    auto account = rules::account(attributes.id("account"), context.account, "account");
    if (account) {
        event.account = std::move(*account);
    } else {
        attributes.refuse(account.error());
    }
    return event;
}

/// The stream that the subject names; `own` is where the event goes without one.
domain::Decision<std::string> stream_of(std::string_view subject, std::string own) {
    if (subject.empty() || subject == own) return own;
    if (!subject.starts_with(kExternal)) {
        return domain::reject("reserved_stream", "the subject is a stream and begins with ext/",
                              "subject");
    }
    if (subject.size() == kExternal.size() ||
        subject.size() > domain::limits::kStreamNameBytesMax || !domain::is_utf8(subject)) {
        return domain::reject("stream_name", "a stream name has 1 to 256 bytes of UTF-8", "subject",
                              static_cast<std::int64_t>(domain::limits::kStreamNameBytesMax));
    }
    return std::string(subject);
}

domain::Decision<domain::NewEvent> message(JsonFields& data, const Attributes& attributes,
                                           domain::NewEvent event) {
    constexpr std::array<std::string_view, 6> kFields{"messageId", "conversationId", "platform",
                                                      "direction", "reviewStatus",   "sentAt"};
    data.allow(kFields);
    domain::MessageRecord record;
    record.message_id = data.required_id("messageId");
    record.conversation_id = data.id("conversationId");
    record.platform = data.id("platform");
    if (record.platform.empty()) record.platform = event.platform;
    if (record.conversation_id.empty()) record.conversation_id = event.conversation;
    record.direction = data.id("direction");
    record.review_status = data.id("reviewStatus");
    record.sent_at_us = data.required_time("sentAt");
    record.change_id = attributes.text("id");
    record.source = attributes.text("source");
    if (data.refusal()) return tl::unexpected(*data.refusal());
    return domain::message_recorded(record, std::move(event));
}

domain::Decision<domain::NewEvent> appointment(JsonFields& data, const Attributes& attributes,
                                               domain::NewEvent event, std::int64_t now_us) {
    constexpr std::array<std::string_view, 6> kFields{"appointmentId", "platform", "status",
                                                      "createdAt",     "startsAt", "endsAt"};
    data.allow(kFields);
    domain::AppointmentRecord record;
    record.appointment_id = data.required_id("appointmentId");
    record.platform = data.id("platform");
    if (record.platform.empty()) record.platform = event.platform;
    record.status = data.id("status");
    record.created_at_us = data.required_time("createdAt");
    record.starts_at_us = data.required_time("startsAt");
    record.ends_at_us = data.required_time("endsAt");
    record.change_id = attributes.text("id");
    record.source = attributes.text("source");
    if (data.refusal()) return tl::unexpected(*data.refusal());
    return domain::appointment_recorded(record, std::move(event), now_us);
}

domain::Decision<domain::NewEvent> record(const CloudEvent& cloud_event,
                                          const Attributes& attributes, domain::NewEvent event,
                                          std::int64_t now_us) {
    if (cloud_event.data.empty())
        return domain::reject("missing_field", "a record has its fields in data", "data");
    auto data = JsonFields::read(cloud_event.data, domain::limits::kJsonDepthMax);
    if (!data) return tl::unexpected(data.error());
    if (attributes.text("type") == kMessageRecorded)
        return message(*data, attributes, std::move(event));
    return appointment(*data, attributes, std::move(event), now_us);
}

domain::NewEvent external(const CloudEvent& cloud_event, const Attributes& attributes,
                          domain::NewEvent event, const WriteContext& context) {
    event.type = domain::EventType::external_event_recorded;
    event.external_type = attributes.text("type");
    event.stream =
        domain::external_stream(attributes.text("source"),
                                [&context](std::string_view name) { return context.digest(name); });
    fb::ExternalEventRecordedT payload;
    payload.cloud_event_id = attributes.text("id");
    payload.source = attributes.text("source");
    payload.data_length = static_cast<std::uint32_t>(cloud_event.data.size());
    event.payload = domain::encode_payload(payload);
    return event;
}

Sealing seal_data(const CloudEvent& cloud_event, const domain::NewEvent& event) {
    Sealing sealing;
    sealing.subject =
        event.conversation.empty()
            ? store::NativeSubject{"entity", "ext", event.stream}
            : store::NativeSubject{"conversation", event.platform, event.conversation};
    sealing.personal.details = cloud_event.data;
    return sealing;
}

/// `source` and `id` as one text that no other pair makes.
std::string key_of(const Attributes& attributes) {
    const std::string_view source = attributes.text("source");
    return std::to_string(source.size()) + ":" + std::string(source) +
           std::string(attributes.text("id"));
}

}  // namespace

CheckedWrite cloud_event_write(const CloudEvent& cloud_event, const WriteContext& context) {
    Attributes attributes(cloud_event);
    check_identity(attributes);
    domain::NewEvent event = envelope(attributes, context);
    Write write;
    write.expected = attributes.expected_version();
    if (attributes.refusal()) return tl::unexpected(*attributes.refusal());

    const bool recorded = is_record(attributes.text("type"));
    auto filled = recorded ? record(cloud_event, attributes, std::move(event), context.now_us)
                           : external(cloud_event, attributes, std::move(event), context);
    if (!filled) return tl::unexpected(filled.error());
    write.event = std::move(*filled);
    auto stream = stream_of(attributes.text("subject"), write.event.stream);
    if (!stream) return tl::unexpected(stream.error());
    auto plain = canonical(cloud_event);
    if (!plain) return tl::unexpected(plain.error());

    write.event.stream = std::move(*stream);
    write.command = recorded ? "record_state" : "record_external_event";
    write.expected.stream = {write.event.workspace, write.event.stream};
    if (!attributes.text("expectedversion").empty())
        write.expected_text = attributes.text("expectedversion");
    if (!recorded && !cloud_event.data.empty()) write.sealing = seal_data(cloud_event, write.event);
    write.canonical = std::move(*plain);
    write.key = key_of(attributes);
    const std::string_view id = attributes.text("id");
    write.own_id = boost::json::serialize(boost::json::string_view(id.data(), id.size()));
    return write;
}

}  // namespace decklog::api
