// An event before and after it is in the log. NewEvent is what a decider yields: plain values, no
// position, no version, no id. EventView is a reader's window on one event inside a verified frame;
// it owns nothing and is valid only while the frame's bytes are. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/events_generated.h"
#include "domain/ids.hpp"
#include "domain/registry.hpp"

namespace decklog::domain {

using Bytes = std::vector<std::uint8_t>;

enum class Cohort : std::uint8_t { none = 0, shadow = 1, canary = 2, full = 3 };
[[nodiscard]] std::string_view to_text(Cohort cohort);  // empty for none
[[nodiscard]] std::optional<Cohort> cohort_from_text(std::string_view text);

struct Actor {
    std::string type;  // person, bot, service, admin, agent, worker, system, …
    std::string id;    // subject id for people; empty: none given
};

/// Points to the raw body that an event was normalised from.
struct RawRef {
    std::uint32_t day = 0;  // days since 1970-01-01 UTC
    RawId id;
    std::uint32_t length = 0;
    Bytes16 keyed_hash{};
};

struct NewEvent {
    EventType type{};
    std::string action{};         // only for audit_action_recorded
    std::string external_type{};  // only for external_event_recorded
    std::string workspace = "default";
    std::string stream{};
    std::int64_t occurred_at_us = 0;
    Actor actor{};
    std::string recorded_by{};
    std::string platform{};
    std::string account{};
    std::string conversation{};
    Cohort cohort = Cohort::none;
    std::string release{};
    std::string unit{};
    std::string correlation_id{};
    std::optional<EventId> causation_id{};
    TraceId trace_id{};
    std::optional<SubjectId> subject{};
    std::string content_type = "application/x-flatbuffers";
    Bytes payload{};
    Bytes sealed{};
    std::optional<RawRef> raw{};
};

/// One event in the log. Strings are views into the frame.
class EventView {
  public:
    EventView(const fb::Event* event, Position position, std::int64_t recorded_at_us)
        : event_(event), position_(position), recorded_at_us_(recorded_at_us) {}

    [[nodiscard]] Position position() const { return position_; }
    [[nodiscard]] std::int64_t recorded_at_us() const { return recorded_at_us_; }
    [[nodiscard]] std::int64_t occurred_at_us() const { return event_->occurred_at(); }
    [[nodiscard]] EventId event_id() const;
    [[nodiscard]] std::uint32_t type() const { return event_->type(); }
    [[nodiscard]] bool is(EventType type) const {
        return event_->type() == static_cast<std::uint32_t>(type);
    }
    [[nodiscard]] std::uint16_t schema_version() const { return event_->schema_version(); }
    /// Canonical action name: the caller's for external audit actions, the registry's for ours;
    /// empty otherwise.
    [[nodiscard]] std::string_view action() const;
    /// `TokenCreated`, `message.recorded`, the CloudEvents type, or `unknown:0x0399`.
    [[nodiscard]] std::string type_name() const;
    [[nodiscard]] std::string_view workspace() const { return view(event_->workspace()); }
    [[nodiscard]] std::string_view stream() const { return view(event_->stream()); }
    [[nodiscard]] std::uint64_t stream_version() const { return event_->stream_version(); }
    [[nodiscard]] std::string_view actor_type() const { return view(event_->actor_type()); }
    [[nodiscard]] std::string_view actor_id() const { return view(event_->actor_id()); }
    [[nodiscard]] std::string_view recorded_by() const { return view(event_->recorded_by()); }
    [[nodiscard]] std::string_view platform() const { return view(event_->platform()); }
    [[nodiscard]] std::string_view account() const { return view(event_->account()); }
    [[nodiscard]] std::string_view conversation() const { return view(event_->conversation()); }
    [[nodiscard]] Cohort cohort() const { return static_cast<Cohort>(event_->cohort()); }
    [[nodiscard]] std::string_view release() const { return view(event_->release()); }
    /// What a gate counts once: the unit given, else the conversation.
    [[nodiscard]] std::string_view unit() const {
        return event_->unit() != nullptr && event_->unit()->size() > 0 ? view(event_->unit())
                                                                       : conversation();
    }
    [[nodiscard]] std::string_view given_unit() const { return view(event_->unit()); }
    [[nodiscard]] std::string_view correlation_id() const { return view(event_->correlation_id()); }
    [[nodiscard]] std::optional<EventId> causation_id() const;
    [[nodiscard]] TraceId trace_id() const;
    [[nodiscard]] std::optional<SubjectId> subject() const;
    [[nodiscard]] std::string_view content_type() const { return view(event_->content_type()); }
    [[nodiscard]] std::uint64_t schema_fingerprint() const { return event_->schema_fingerprint(); }
    [[nodiscard]] const std::uint8_t* payload_data() const { return data(event_->payload()); }
    [[nodiscard]] std::size_t payload_size() const { return size(event_->payload()); }
    [[nodiscard]] const std::uint8_t* sealed_data() const { return data(event_->sealed()); }
    [[nodiscard]] std::size_t sealed_size() const { return size(event_->sealed()); }
    [[nodiscard]] std::optional<RawRef> raw() const;

    /// The payload as its table, verified with low limits; nullptr when the bytes do not check.
    /// Nested payload bytes are 8-aligned copies when needed: `Table` must be a generated table and
    /// the pointer lives as long as `*this`.
    template <class Table>
    [[nodiscard]] const Table* payload_as() const {
        const std::uint8_t* bytes = aligned_payload();
        if (bytes == nullptr) return nullptr;
        flatbuffers::Verifier verifier(bytes, payload_size(), kDepthMax, kTablesMax);
        return verifier.VerifyBuffer<Table>(nullptr) ? flatbuffers::GetRoot<Table>(bytes) : nullptr;
    }

    [[nodiscard]] const fb::Event* raw_table() const { return event_; }

  private:
    static constexpr flatbuffers::uoffset_t kDepthMax = 8;
    static constexpr flatbuffers::uoffset_t kTablesMax = 10'000;
    static std::string_view view(const flatbuffers::String* text) {
        return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
    }
    static const std::uint8_t* data(const flatbuffers::Vector<std::uint8_t>* v) {
        return v == nullptr ? nullptr : v->data();
    }
    static std::size_t size(const flatbuffers::Vector<std::uint8_t>* v) {
        return v == nullptr ? 0 : v->size();
    }
    [[nodiscard]] const std::uint8_t* aligned_payload() const;

    const fb::Event* event_;
    Position position_;
    std::int64_t recorded_at_us_;
    mutable std::vector<std::uint64_t> aligned_;  // only when the nested bytes are not 8-aligned
};

}  // namespace decklog::domain
