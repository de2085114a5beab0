#include "api/rooms_json.hpp"

#include <algorithm>

#include "api/answers.hpp"
#include "domain/time_text.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {

namespace rooms = projections::rooms;

void RoomsJson::position_if_any(std::string_view name, std::optional<std::uint64_t> ordinal) {
    if (ordinal) json_->field(name, cursor_of(*core_, {partition_, *ordinal}));
}

SealedPart RoomsJson::part_at(std::optional<std::uint64_t> ordinal) const {
    if (!ordinal) return {};
    const auto frame = core_->ledger->frame_at({partition_, *ordinal});
    if (!frame) return {};
    return opener_->open((*frame)->event(*ordinal - (*frame)->first().ordinal));
}

void RoomsJson::opened_text(std::string_view name, const SealedPart& part, std::string_view text) {
    if (part.state == SealedPart::State::none) return;
    json_->field_if_any(name, part.is_opened() ? text : part.placeholder());
}

void RoomsJson::room_facts(const rooms::RoomInfo& room) {
    json_->field("id", room.id).field("kind", room.direct ? "direct" : "room");
    json_->field("workspace", room.workspace).field("platform", room.platform);
    json_->field("account", room.account).field("conversation", room.conversation);
    const SealedPart part = part_at(room.sealed_ordinal);
    opened_text("title", part, room.direct ? part.personal.display_name : part.personal.room_title);
    json_->field("firstActivityAt", domain::to_rfc3339(room.first_activity_us));
    json_->field("lastActivityAt", domain::to_rfc3339(room.last_activity_us));
    position_if_any("lastPosition", room.last_ordinal);
    json_->key("messageCount")
        .number(room.message_count)
        .key("memberCount")
        .number(room.member_count);
    json_->field_if_any("migratedTo", room.migrated_to)
        .field_if_any("migratedFrom", room.migrated_from);
}

void RoomsJson::room(const rooms::RoomInfo& room, std::size_t members_max,
                     std::size_t messages_max) {
    room_facts(room);
    json_->key("members").begin_array();
    const auto members = rooms::members(*rows_, room.id);
    for (std::size_t i = 0; i < std::min(members.size(), members_max); ++i) member(members[i]);
    json_->end_array().key("messages").begin_array();
    for (const auto& one : rooms::messages(*rows_, room.id, messages_max, std::nullopt).items)
        message(one);
    json_->end_array();
}

void RoomsJson::member(const rooms::MemberInfo& member) {
    json_->begin_object().field("id", member.member);
    const SealedPart part = part_at(member.sealed_ordinal);
    opened_text("displayName", part, part.personal.display_name);
    json_->key("bot").boolean(member.bot).key("present").boolean(member.present);
    if (member.last_seen_us) json_->field("lastSeenAt", domain::to_rfc3339(*member.last_seen_us));
    position_if_any("joinedPosition", member.joined_ordinal);
    position_if_any("leftPosition", member.left_ordinal);
    json_->end_object();
}

void RoomsJson::message(const rooms::MessageInfo& message) {
    json_->begin_object().field("messageId", message.message_id);
    position_if_any("position",
                    message.ordinal ? message.ordinal : std::optional(message.first_ordinal));
    json_->field_if_any("author", message.author);
    const SealedPart received = part_at(message.ordinal);
    opened_text("displayName", received, received.personal.display_name);
    const SealedPart shown = message.edit_ordinal ? part_at(message.edit_ordinal) : received;
    opened_text("text", shown, shown.personal.text);
    if (message.occurred_at_us != 0)
        json_->field("occurredAt", domain::to_rfc3339(message.occurred_at_us));
    if (message.edited_at_us != 0)
        json_->field("editedAt", domain::to_rfc3339(message.edited_at_us));
    json_->key("deleted").boolean(message.deleted_ordinal.has_value());
    json_->key("reactions").number(message.reactions);
    json_->field_if_any("status", message.status);
    if (message.error_code != 0) json_->key("errorCode").number(message.error_code);
    json_->end_object();
}

void RoomsJson::bindings(const rooms::RoomInfo& room) {
    if (!room.migrated_from.empty()) {
        json_->begin_object()
            .field("kind", "migrated_from")
            .field("room", room.migrated_from)
            .end_object();
    }
    if (!room.migrated_to.empty()) {
        json_->begin_object()
            .field("kind", "migrated_to")
            .field("room", room.migrated_to)
            .end_object();
    }
}

}  // namespace decklog::api
