#include "api/payload_json.hpp"

#include <flatbuffers/minireflect.h>

#include <array>
#include <cmath>
#include <string>

#include "api/gate/report_json.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using domain::EventType;
using domain::EventView;

struct PayloadTable {
    EventType type;
    const flatbuffers::TypeTable* (*reflect)();
    const flatbuffers::Table* (*read)(const EventView&);
};

template <class Table>
constexpr PayloadTable row(EventType type) {
    return {type, &Table::MiniReflectTypeTable,
            [](const EventView& event) -> const flatbuffers::Table* {
                return reinterpret_cast<const flatbuffers::Table*>(event.payload_as<Table>());
            }};
}

constexpr std::array kTables{
    row<fb::LedgerCreated>(EventType::ledger_created),
    row<fb::CommandNoted>(EventType::command_noted),
    row<fb::ClockAccepted>(EventType::clock_accepted),
    row<fb::LedgerForked>(EventType::ledger_forked),
    row<fb::LedgerAdopted>(EventType::ledger_adopted),
    row<fb::LevelRaised>(EventType::level_raised),
    row<fb::LedgerMoved>(EventType::ledger_moved),
    row<fb::WorkspacePlaced>(EventType::workspace_placed),
    row<fb::TokenCreated>(EventType::token_created),
    row<fb::TokenRevoked>(EventType::token_revoked),
    row<fb::MessageReceived>(EventType::message_received),
    row<fb::MessageEdited>(EventType::message_edited),
    row<fb::MessageDeleted>(EventType::message_deleted),
    row<fb::ReactionSet>(EventType::reaction_set),
    row<fb::ReactionCleared>(EventType::reaction_cleared),
    row<fb::MemberJoined>(EventType::member_joined),
    row<fb::MemberLeft>(EventType::member_left),
    row<fb::CommandReceived>(EventType::command_received),
    row<fb::ComponentUsed>(EventType::component_used),
    row<fb::DeliveryStatusReported>(EventType::delivery_status_reported),
    row<fb::RoomMigrated>(EventType::room_migrated),
    row<fb::UnrecognisedReceived>(EventType::unrecognised_received),
    row<fb::AuditActionRecorded>(EventType::audit_action_recorded),
    row<fb::MessageRecorded>(EventType::message_recorded),
    row<fb::AppointmentRecorded>(EventType::appointment_recorded),
    row<fb::ExternalEventRecorded>(EventType::external_event_recorded),
    row<fb::SubjectErased>(EventType::subject_erased),
    row<fb::PersonalDataRead>(EventType::personal_data_read),
    row<fb::PlatformAccountCreated>(EventType::platform_account_created),
    row<fb::PlatformPolicyUpdated>(EventType::platform_policy_updated),
    row<fb::WorkerReported>(EventType::worker_reported),
    row<fb::RolloutCreated>(EventType::rollout_created),
    row<fb::RolloutStageChanged>(EventType::rollout_stage_changed),
    row<fb::CheckSealed>(EventType::check_sealed),
    row<fb::VerdictReached>(EventType::verdict_reached),
    row<fb::GateResultRecorded>(EventType::gate_result_recorded),
    row<fb::RolloutOverridden>(EventType::rollout_overridden),
    row<fb::BaselineFrozen>(EventType::baseline_frozen),
    row<fb::RolloutCommandRan>(EventType::rollout_command_ran),
    row<fb::DrillRecorded>(EventType::drill_recorded),
};

std::string camel_case(std::string_view snake) {
    std::string out;
    bool upper = false;
    for (const char c : snake) {
        if (c == '_') {
            upper = true;
            continue;
        }
        out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return out;
}

template <class Scalar>
Scalar scalar_or_zero(const std::uint8_t* value) {
    return value == nullptr ? Scalar{} : flatbuffers::ReadScalar<Scalar>(value);
}

std::string_view string_at(const std::uint8_t* value) {
    const auto* text = reinterpret_cast<const flatbuffers::String*>(
        value + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(value));
    return {text->c_str(), text->size()};
}

void write_long(JsonWriter& json, std::string_view name, const std::uint8_t* value) {
    const auto number = scalar_or_zero<std::int64_t>(value);
    if (!name.ends_with("_at")) {
        json.key(camel_case(name)).number(number);
    } else if (number != 0) {
        json.field(camel_case(name), domain::to_rfc3339(number));
    }
}

/// JSON has no word for what is not finite.
void write_double(JsonWriter& json, double value) {
    std::isfinite(value) ? json.raw(json_number(value)) : json.null();
}

void write_fields(JsonWriter& json, const flatbuffers::Table& table,
                  const flatbuffers::TypeTable& reflect);

/// `value`: where the offset of the table stands.
void write_table(JsonWriter& json, const std::uint8_t* value, const flatbuffers::TypeTable& of) {
    json.begin_object();
    write_fields(json,
                 *reinterpret_cast<const flatbuffers::Table*>(
                     value + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(value)),
                 of);
    json.end_object();
}

/// A struct or a table within.
void write_inner(JsonWriter& json, std::string_view name, const flatbuffers::TypeTable& of,
                 const std::uint8_t* value) {
    if (of.st == flatbuffers::ST_STRUCT) {
        json.field(camel_case(name), domain::to_hex(value, sizeof(fb::Key16)));
    } else if (of.st == flatbuffers::ST_TABLE) {
        json.key(camel_case(name));
        write_table(json, value, of);
    }
}

/// One field; `value` is null when the table does not hold it.
void write_field(JsonWriter& json, std::string_view name, flatbuffers::ElementaryType type,
                 const flatbuffers::TypeTable* of, const std::uint8_t* value) {
    if (type == flatbuffers::ET_STRING) {
        if (value != nullptr) json.field_if_any(camel_case(name), string_at(value));
    } else if (type == flatbuffers::ET_BOOL) {
        json.key(camel_case(name)).boolean(scalar_or_zero<std::uint8_t>(value) != 0);
    } else if (type == flatbuffers::ET_UINT) {
        json.key(camel_case(name)).number(scalar_or_zero<std::uint32_t>(value));
    } else if (type == flatbuffers::ET_INT) {
        json.key(camel_case(name)).number(scalar_or_zero<std::int32_t>(value));
    } else if (type == flatbuffers::ET_ULONG) {
        json.key(camel_case(name)).number(scalar_or_zero<std::uint64_t>(value));
    } else if (type == flatbuffers::ET_LONG) {
        write_long(json, name, value);
    } else if (type == flatbuffers::ET_DOUBLE) {
        write_double(json.key(camel_case(name)), scalar_or_zero<double>(value));
    } else if (type == flatbuffers::ET_SEQUENCE && value != nullptr) {
        write_inner(json, name, *of, value);
    }
}

using Offsets = flatbuffers::Vector<flatbuffers::Offset<void>>;

/// A list of texts, numbers or tables; lists of bytes, such as hashes, are for machines and left
/// out.
void write_list(JsonWriter& json, std::string_view name, flatbuffers::ElementaryType type,
                const flatbuffers::TypeTable* of, const std::uint8_t* value) {
    const bool is_text = type == flatbuffers::ET_STRING;
    const bool is_number = type == flatbuffers::ET_DOUBLE;
    if (value == nullptr || (!is_text && !is_number && type != flatbuffers::ET_SEQUENCE)) return;
    // Of a vector of any type, the length and where its items begin.
    const auto* items = reinterpret_cast<const Offsets*>(
        value + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(value));
    const std::size_t item_bytes = is_number ? sizeof(double) : sizeof(flatbuffers::uoffset_t);
    json.key(camel_case(name)).begin_array();
    for (flatbuffers::uoffset_t i = 0; i < items->size(); ++i) {
        const std::uint8_t* item = items->Data() + i * item_bytes;
        if (is_text)
            json.text(string_at(item));
        else if (is_number)
            write_double(json, flatbuffers::ReadScalar<double>(item));
        else
            write_table(json, item, *of);
    }
    json.end_array();
}

void write_fields(JsonWriter& json, const flatbuffers::Table& table,
                  const flatbuffers::TypeTable& reflect) {
    for (std::size_t i = 0; i < reflect.num_elems; ++i) {
        const flatbuffers::TypeCode code = reflect.type_codes[i];
        const auto* of = code.sequence_ref < 0 ? nullptr : reflect.type_refs[code.sequence_ref]();
        const auto offset = flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(i));
        const auto write = code.is_repeating != 0 ? write_list : write_field;
        write(json, reflect.names[i], static_cast<flatbuffers::ElementaryType>(code.base_type), of,
              table.GetAddressOf(offset));
    }
}

std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

void write_known(JsonWriter& json, const fb::AuditActionRecorded& action) {
    if (action.known() == nullptr || action.known()->size() == 0) return;
    json.key("known").begin_object();
    for (const fb::ClearDetail* detail : *action.known())
        json.key(view(detail->path())).raw(view(detail->value()));
    json.end_object();
}

void write_audit_action(JsonWriter& json, const EventView& event, const SealedPart& part) {
    const auto* action = event.payload_as<fb::AuditActionRecorded>();
    if (action == nullptr) return;
    if (!view(action->id()).empty()) {
        json.key("id");
        write_action_id(json, action, event);
    }
    json.field("entityType", view(action->entity_type()))
        .field("entityId", view(action->entity_id()));
    write_known(json, *action);
    json.key("details");
    write_details(json, *action, part);
}

/// The data of an external event is sealed whole and shows where it came from, in `data`.
void write_external_data(JsonWriter& json, const SealedPart& part) {
    if (part.state == SealedPart::State::none) return;
    json.key("data");
    if (part.is_opened()) {
        json.raw(part.personal.details);
    } else {
        json.text(part.placeholder());
    }
}

void write_by_table(JsonWriter& json, const EventView& event) {
    for (const PayloadTable& table : kTables) {
        if (!event.is(table.type)) continue;
        if (const flatbuffers::Table* payload = table.read(event))
            write_fields(json, *payload, *table.reflect());
    }
}

}  // namespace

void write_payload(JsonWriter& json, const EventView& event, const SealedPart& part) {
    json.begin_object();
    if (event.is(EventType::audit_action_recorded)) {
        write_audit_action(json, event, part);
    } else {
        write_by_table(json, event);
        if (event.is(EventType::external_event_recorded)) write_external_data(json, part);
    }
    json.end_object();
}

void write_details(JsonWriter& json, const fb::AuditActionRecorded& action,
                   const SealedPart& part) {
    if (part.is_opened()) {
        json.raw(part.personal.details);
    } else if (part.state != SealedPart::State::none) {
        json.text(part.placeholder());
    } else if (const std::string_view details = view(action.details()); !details.empty()) {
        json.raw(details);
    } else {
        json.null();
    }
}

void write_action_id(JsonWriter& json, const fb::AuditActionRecorded* action,
                     const EventView& event) {
    const std::string_view id = action == nullptr ? std::string_view{} : view(action->id());
    if (id.empty()) {
        json.text(domain::to_text(event.event_id()));
    } else if (action->id_is_number()) {
        json.raw(id);
    } else {
        json.text(id);
    }
}

}  // namespace decklog::api
