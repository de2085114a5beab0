#include "domain/event.hpp"

#include <cstring>

namespace decklog::domain {
namespace {

template <class Id>
Id id_from(const fb::Key16& key) {
    Id id;
    std::memcpy(id.bytes.data(), &key, id.bytes.size());
    return id;
}

template <class Id>
std::optional<Id> optional_id(const fb::Key16* key) {
    if (key == nullptr) return std::nullopt;
    return id_from<Id>(*key);
}

}  // namespace

std::string_view to_text(Cohort cohort) {
    switch (cohort) {
        case Cohort::none:
            return {};
        case Cohort::shadow:
            return "shadow";
        case Cohort::canary:
            return "canary";
        case Cohort::full:
            return "full";
    }
    return {};
}

std::optional<Cohort> cohort_from_text(std::string_view text) {
    if (text.empty() || text == "none") return Cohort::none;
    if (text == "shadow") return Cohort::shadow;
    if (text == "canary") return Cohort::canary;
    if (text == "full") return Cohort::full;
    return std::nullopt;
}

EventId EventView::event_id() const {
    return event_->event_id() == nullptr ? EventId{} : id_from<EventId>(*event_->event_id());
}

std::string_view EventView::action() const {
    if (event_->action() != nullptr && event_->action()->size() > 0) return view(event_->action());
    const TypeInfo* info = find_type(event_->type());
    return info == nullptr ? std::string_view{} : info->action;
}

std::string EventView::type_name() const {
    if (event_->external_type() != nullptr && event_->external_type()->size() > 0) {
        return std::string(view(event_->external_type()));
    }
    if (const TypeInfo* info = find_type(event_->type())) return std::string(info->name);
    const std::uint32_t type = event_->type();
    const std::uint8_t bytes[2] = {static_cast<std::uint8_t>((type >> 8U) & 0xFFU),
                                   static_cast<std::uint8_t>(type & 0xFFU)};
    return "unknown:0x" + to_hex(bytes, sizeof bytes);
}

std::optional<EventId> EventView::causation_id() const {
    return optional_id<EventId>(event_->causation_id());
}

TraceId EventView::trace_id() const {
    return event_->trace_id() == nullptr ? TraceId{} : id_from<TraceId>(*event_->trace_id());
}

std::optional<SubjectId> EventView::subject() const {
    return optional_id<SubjectId>(event_->subject());
}

std::optional<RawRef> EventView::raw() const {
    const fb::RawRef* raw = event_->raw();
    if (raw == nullptr || raw->id() == nullptr) return std::nullopt;
    RawRef ref;
    ref.day = raw->day();
    ref.id = id_from<RawId>(*raw->id());
    ref.length = raw->length();
    if (raw->keyed_hash() != nullptr)
        std::memcpy(ref.keyed_hash.data(), raw->keyed_hash(), ref.keyed_hash.size());
    return ref;
}

const std::uint8_t* EventView::aligned_payload() const {
    const std::uint8_t* bytes = payload_data();
    if (bytes == nullptr || payload_size() == 0) return nullptr;
    if (reinterpret_cast<std::uintptr_t>(bytes) % sizeof(std::uint64_t) == 0) return bytes;
    if (aligned_.empty()) {
        aligned_.resize((payload_size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
        std::memcpy(aligned_.data(), bytes, payload_size());
    }
    return reinterpret_cast<const std::uint8_t*>(aligned_.data());
}

}  // namespace decklog::domain
