#include "ingest/payloads.hpp"

#include <cstring>
#include <memory>

#include "domain/payload.hpp"

namespace decklog::ingest {
namespace {

using domain::EventType;

/// One overload a kind; the item and the names are what they share.
struct PayloadMaker {
    const Item& item;
    const ClearNames& names;
    const domain::Bytes16& unrecognised_hash;

    [[nodiscard]] bool direct() const { return item.room && item.room->direct; }
    [[nodiscard]] bool by_bot() const { return item.actor && item.actor->is_bot; }
    [[nodiscard]] std::string message_id() const { return names.message(item.message_id); }
    [[nodiscard]] std::string reactor() const {
        if (item.actor) return names.person(item.actor->native_id);
        return item.actor_room ? names.conversation(*item.actor_room) : std::string{};
    }

    Payload operator()(const MessageSent& sent) const {
        fb::MessageReceivedT table;
        table.message_id = message_id();
        table.thread = sent.thread;
        table.reply_to = names.message(sent.reply_to);
        table.room_direct = direct();
        table.content_kind = sent.content_kind;
        table.attachment_count = static_cast<std::uint32_t>(item.attachments.size());
        table.actor_is_bot = by_bot();
        return {EventType::message_received, domain::encode_payload(table), "receive_message"};
    }
    Payload operator()(const MessageChanged& changed) const {
        fb::MessageEditedT table;
        table.message_id = message_id();
        table.thread = changed.thread;
        table.room_direct = direct();
        table.content_kind = changed.content_kind;
        table.actor_is_bot = by_bot();
        table.edited_at = changed.edited_at_us;
        return {EventType::message_edited, domain::encode_payload(table), "receive_edit"};
    }
    Payload operator()(const MessageRemoved&) const {
        fb::MessageDeletedT table;
        table.message_id = message_id();
        table.room_direct = direct();
        return {EventType::message_deleted, domain::encode_payload(table), "receive_deletion"};
    }
    Payload operator()(const Reacted& reacted) const {
        const std::string one = reacted.one_of_several ? names.reaction(item.text) : std::string{};
        if (reacted.set) {
            return {EventType::reaction_set,
                    domain::encode_payload(reaction<fb::ReactionSetT>(one)), "receive_reaction"};
        }
        return {EventType::reaction_cleared,
                domain::encode_payload(reaction<fb::ReactionClearedT>(one)), "receive_reaction"};
    }
    Payload operator()(const Membership& membership) const {
        if (membership.joined) {
            return {EventType::member_joined,
                    domain::encode_payload(member<fb::MemberJoinedT>(membership)),
                    "receive_membership"};
        }
        return {EventType::member_left, domain::encode_payload(member<fb::MemberLeftT>(membership)),
                "receive_membership"};
    }
    Payload operator()(const CommandGiven& command) const {
        fb::CommandReceivedT table;
        table.interaction_id = names.interaction(command.interaction_id);
        table.surface = command.surface;
        table.room_direct = direct();
        table.message_id = message_id();
        return {EventType::command_received, domain::encode_payload(table), "receive_command"};
    }
    Payload operator()(const ComponentUsed& component) const {
        fb::ComponentUsedT table;
        table.interaction_id = names.interaction(component.interaction_id);
        table.room_direct = direct();
        table.message_id = message_id();
        table.component_kind = component.kind;
        return {EventType::component_used, domain::encode_payload(table), "receive_component"};
    }
    Payload operator()(const StatusReported& report) const {
        fb::DeliveryStatusReportedT table;
        table.message_id = message_id();
        table.status = report.status;
        table.rank = report.rank;
        table.error_code = report.error_code;
        table.recipient = names.person(report.recipient.native_id);
        table.room_direct = direct();
        return {EventType::delivery_status_reported, domain::encode_payload(table),
                "receive_status"};
    }
    Payload operator()(const RoomMoved& moved) const {
        fb::RoomMigratedT table;
        table.from_room = names.conversation(moved.from);
        table.to_room = names.conversation(moved.to);
        return {EventType::room_migrated, domain::encode_payload(table), "receive_migration"};
    }
    Payload operator()(const Unrecognised& unrecognised) const {
        fb::UnrecognisedReceivedT table;
        table.field = unrecognised.field;
        table.body_length = static_cast<std::uint32_t>(item.source.size());
        auto hash = std::make_unique<fb::Key16>();
        std::memcpy(hash.get(), unrecognised_hash.data(), unrecognised_hash.size());
        table.body_hash = std::move(hash);
        table.too_large = unrecognised.too_large;
        return {EventType::unrecognised_received, domain::encode_payload(table),
                "receive_unrecognised"};
    }

  private:
    template <class Table>
    [[nodiscard]] Table reaction(const std::string& one) const {
        Table table;
        table.message_id = message_id();
        table.room_direct = direct();
        table.reactor = reactor();
        table.reaction = one;
        return table;
    }
    template <class Table>
    [[nodiscard]] Table member(const Membership& membership) const {
        Table table;
        table.member = names.person(membership.member.native_id);
        table.room_direct = direct();
        return table;
    }
};

void add_native(fb::PersonalT& personal, std::string_view kind, std::string_view value) {
    if (value.empty()) return;
    auto native = std::make_unique<fb::NativeIdT>();
    native->kind = kind;
    native->value = value;
    personal.native_ids.push_back(std::move(native));
}

/// Whom the sealed part shows: the person that the event is about.
const Person* shown_person(const Item& item) {
    if (const auto* membership = std::get_if<Membership>(&item.what)) return &membership->member;
    if (const auto* report = std::get_if<StatusReported>(&item.what)) return &report->recipient;
    return item.actor ? &*item.actor : nullptr;
}

std::string_view role_of_shown(const Item& item) {
    if (std::holds_alternative<Membership>(item.what)) return "member";
    return std::holds_alternative<StatusReported>(item.what) ? "recipient" : "actor";
}

void add_native_ids(const Item& item, const PlatformTraits& traits, fb::PersonalT& personal) {
    if (item.room && ClearNames::is_hidden(traits, *item.room))
        add_native(personal, "room", item.room->native_id);
    if (const auto* moved = std::get_if<RoomMoved>(&item.what)) {
        if (ClearNames::is_hidden(traits, moved->to))
            add_native(personal, "to_room", moved->to.native_id);
    }
    if (!traits.message_id_names_person) return;
    // In a group the message answered, or reacted to, is somebody else's, whose number its id has
    // inside; it must not outlive that person under this one's key. Its hash stands in the clear.
    const bool is_between_two = !item.room || item.room->direct;
    const auto* sent = std::get_if<MessageSent>(&item.what);
    if (is_between_two || sent != nullptr) add_native(personal, "message", item.message_id);
    if (is_between_two && sent != nullptr) add_native(personal, "reply_to", sent->reply_to);
}

void add_content(const Item& item, fb::PersonalT& personal) {
    personal.text = item.text;
    personal.details = item.details;
    for (const Span& span : item.spans) {
        auto& table = *personal.spans.emplace_back(std::make_unique<fb::SpanT>());
        table.kind = span.kind;
        table.offset = span.offset;
        table.length = span.length;
        table.target = span.target;
    }
    for (const Attachment& file : item.attachments) {
        auto& table = *personal.attachments.emplace_back(std::make_unique<fb::AttachmentT>());
        table.native_ref = file.native_ref;
        table.mime = file.mime;
        table.size = file.size;
        table.sha256 = file.sha256;
        table.name = file.name;
    }
}

bool is_empty(const fb::PersonalT& personal) {
    return personal.display_name.empty() && personal.native_ids.empty() && personal.text.empty() &&
           personal.spans.empty() && personal.attachments.empty() && personal.room_title.empty() &&
           personal.roles.empty() && personal.details.empty();
}

}  // namespace

Payload payload_of(const Item& item, const ClearNames& names,
                   const domain::Bytes16& unrecognised_hash) {
    return std::visit(PayloadMaker{item, names, unrecognised_hash}, item.what);
}

domain::Bytes personal_of(const Item& item, const PlatformTraits& traits) {
    // What was not understood is not taken apart either: its words are in the raw body, and only
    // there.
    if (std::holds_alternative<Unrecognised>(item.what)) return {};
    fb::PersonalT personal;
    if (const Person* person = shown_person(item)) {
        personal.display_name = person->display_name;
        personal.roles = person->roles;
        add_native(personal, role_of_shown(item), person->native_id);
        add_native(personal, "username", person->username);
    }
    add_native_ids(item, traits, personal);
    add_content(item, personal);
    if (item.room) personal.room_title = item.room->title;
    return is_empty(personal) ? domain::Bytes{} : domain::encode_payload(personal);
}

}  // namespace decklog::ingest
