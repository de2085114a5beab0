#include "api/sealed_part.hpp"

#include <utility>

#include "domain/payload.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

void write_native_ids(JsonWriter& json, const fb::PersonalT& personal) {
    if (personal.native_ids.empty()) return;
    json.key("nativeIds").begin_array();
    for (const auto& native : personal.native_ids) {
        json.begin_object().field("kind", native->kind).field("value", native->value).end_object();
    }
    json.end_array();
}

void write_spans(JsonWriter& json, const fb::PersonalT& personal) {
    if (personal.spans.empty()) return;
    json.key("spans").begin_array();
    for (const auto& span : personal.spans) {
        json.begin_object().field("kind", span->kind);
        json.key("offset").number(span->offset).key("length").number(span->length);
        json.field_if_any("target", span->target).end_object();
    }
    json.end_array();
}

void write_attachments(JsonWriter& json, const fb::PersonalT& personal) {
    if (personal.attachments.empty()) return;
    json.key("attachments").begin_array();
    for (const auto& attachment : personal.attachments) {
        json.begin_object()
            .field_if_any("nativeRef", attachment->native_ref)
            .field_if_any("mime", attachment->mime);
        json.key("size").number(attachment->size);
        json.field_if_any("sha256", attachment->sha256)
            .field_if_any("name", attachment->name)
            .end_object();
    }
    json.end_array();
}

void write_roles(JsonWriter& json, const fb::PersonalT& personal) {
    if (personal.roles.empty()) return;
    json.key("roles").begin_array();
    for (const std::string& role : personal.roles) json.text(role);
    json.end_array();
}

}  // namespace

std::string_view SealedPart::placeholder() const {
    return state == State::erased ? "[erased]" : "[sealed]";
}

SealedPart Opener::open(const domain::EventView& event) const {
    if (event.sealed_size() == 0) return {};
    return open(std::span(event.sealed_data(), event.sealed_size()));
}

SealedPart Opener::open(std::span<const std::uint8_t> sealed) const {
    const SealedPart closed{SealedPart::State::sealed};
    const auto opened = vault_->open(sealed);
    if (!opened) {
        if (may_open_)
            store::log_error("http", {}, "a sealed part does not open: {}", opened.error().context);
        return closed;
    }
    if (std::holds_alternative<store::Erased>(*opened))
        return SealedPart{SealedPart::State::erased};
    if (!may_open_) return closed;
    auto personal = domain::decode_payload<fb::Personal>(std::get<domain::Bytes>(*opened));
    if (!personal) return closed;
    return SealedPart{SealedPart::State::opened, std::move(*personal)};
}

void write_personal(JsonWriter& json, const SealedPart& part) {
    if (!part.is_opened()) {
        json.text(part.placeholder());
        return;
    }
    const fb::PersonalT& personal = part.personal;
    json.begin_object().field_if_any("displayName", personal.display_name);
    write_native_ids(json, personal);
    json.field_if_any("text", personal.text);
    write_spans(json, personal);
    write_attachments(json, personal);
    json.field_if_any("roomTitle", personal.room_title);
    write_roles(json, personal);
    if (!personal.details.empty()) json.key("details").raw(personal.details);
    json.end_object();
}

}  // namespace decklog::api
