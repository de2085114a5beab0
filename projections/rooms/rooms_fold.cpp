#include "projections/rooms/rooms_fold.hpp"

#include <algorithm>
#include <string>

#include "domain/ids.hpp"

namespace decklog::projections::rooms {
namespace {

using domain::EventType;
using domain::EventView;

std::string_view text(const flatbuffers::String* field) {
    return field == nullptr ? std::string_view{} : std::string_view{field->c_str(), field->size()};
}

Mark mark_of(const EventView& event) { return {event.occurred_at_us(), event.position().ordinal}; }

std::string room_of_envelope(const EventView& event) {
    return room_id(event.platform(), event.account(), event.conversation());
}

Parked poison(const EventView& event) {
    return {"room " + room_of_envelope(event), event.type_name() + ": the payload does not verify"};
}

void set_present(Room& room, bool before, bool after) {
    if (before == after) return;
    room.member_count = after ? room.member_count + 1 : room.member_count - 1;
}

}  // namespace

template <class Table, class Handle>
std::optional<Parked> RoomsFold::with(const EventView& event, Handle handle) {
    const Table* payload = event.payload_as<Table>();
    if (payload == nullptr) return poison(event);
    RoomInBatch& room =
        room_of(event, room_of_envelope(event), event.conversation(), payload->room_direct());
    handle(room, *payload);
    return std::nullopt;
}

std::optional<Parked> RoomsFold::apply(const EventView& event) {
    if (domain::family_of(event.type()) != domain::Family::chat || event.conversation().empty()) {
        return std::nullopt;
    }
    switch (static_cast<EventType>(event.type())) {
        case EventType::message_received:
            return with<fb::MessageReceived>(event, [&](RoomInBatch& room, const auto& payload) {
                said(room, event, payload.message_id());
            });
        case EventType::message_edited:
            return with<fb::MessageEdited>(event, [&](RoomInBatch& room, const auto& payload) {
                edited(room, event, payload);
            });
        case EventType::message_deleted:
            return with<fb::MessageDeleted>(event, [&](RoomInBatch& room, const auto& payload) {
                deleted(room, event, payload);
            });
        case EventType::reaction_set:
            return with<fb::ReactionSet>(event, [&](RoomInBatch& room, const auto& payload) {
                reacted(room, event, payload.message_id(), text(payload.reactor()),
                        text(payload.reaction()), true);
            });
        case EventType::reaction_cleared:
            return with<fb::ReactionCleared>(event, [&](RoomInBatch& room, const auto& payload) {
                reacted(room, event, payload.message_id(), text(payload.reactor()),
                        text(payload.reaction()), false);
            });
        case EventType::member_joined:
            return with<fb::MemberJoined>(event, [&](RoomInBatch& room, const auto& payload) {
                moved(room, event, text(payload.member()), true);
            });
        case EventType::member_left:
            return with<fb::MemberLeft>(event, [&](RoomInBatch& room, const auto& payload) {
                moved(room, event, text(payload.member()), false);
            });
        case EventType::command_received:
            return with<fb::CommandReceived>(event, [&](RoomInBatch& room, const auto& payload) {
                said(room, event, payload.message_id());
            });
        case EventType::component_used:
            return with<fb::ComponentUsed>(event, [&](RoomInBatch& room, const auto&) {
                note_activity(room, event);
                note_actor(room, event);
            });
        case EventType::delivery_status_reported:
            return with<fb::DeliveryStatusReported>(
                event,
                [&](RoomInBatch& room, const auto& payload) { delivered(room, event, payload); });
        case EventType::room_migrated:
            return migrated(event);
        // An update that was not recognised says nothing of a room.
        case EventType::unrecognised_received:
        case EventType::ledger_created:
        case EventType::command_noted:
        case EventType::clock_accepted:
        case EventType::ledger_forked:
        case EventType::ledger_adopted:
        case EventType::level_raised:
        case EventType::ledger_moved:
        case EventType::workspace_placed:
        case EventType::rollout_created:
        case EventType::rollout_stage_changed:
        case EventType::check_sealed:
        case EventType::verdict_reached:
        case EventType::gate_result_recorded:
        case EventType::rollout_overridden:
        case EventType::baseline_frozen:
        case EventType::rollout_command_ran:
        case EventType::drill_recorded:
        case EventType::token_created:
        case EventType::token_revoked:
        case EventType::audit_action_recorded:
        case EventType::message_recorded:
        case EventType::appointment_recorded:
        case EventType::external_event_recorded:
        case EventType::subject_erased:
        case EventType::personal_data_read:
        case EventType::platform_account_created:
        case EventType::platform_policy_updated:
        case EventType::worker_reported:
            return std::nullopt;
    }
    return std::nullopt;
}

RoomInBatch& RoomsFold::room_of(const EventView& event, std::string_view id,
                                std::string_view conversation, bool direct) {
    bool is_new = false;
    RoomInBatch& room = batch_.room(id, is_new);
    if (is_new) {
        room.row.workspace = event.workspace();
        room.row.platform = event.platform();
        room.row.account = event.account();
        room.row.conversation = conversation;
        room.row.first_activity_us = event.occurred_at_us();
        room.row.last_activity = mark_of(event);
    }
    room.row.direct = room.row.direct || direct;
    if (event.sealed_size() > 0) room.row.sealed_ordinal = event.position().ordinal;
    return room;
}

void RoomsFold::note_activity(RoomInBatch& room, const EventView& event) {
    room.row.first_activity_us = std::min(room.row.first_activity_us, event.occurred_at_us());
    room.row.last_activity = std::max(room.row.last_activity, mark_of(event));
}

void RoomsFold::note_actor(RoomInBatch& room, const EventView& event) {
    const bool is_bot = event.actor_type() == "bot";
    if (event.actor_id().empty() || (!is_bot && event.actor_type() != "person")) return;
    Member& actor = batch_.member(room, event.actor_id());
    const bool before = actor.present();
    actor.bot = is_bot;
    raise(actor.seen, mark_of(event));
    set_present(room.row, before, actor.present());
    note_name(actor, event.actor_id(), event);
}

/// The sealed part belongs to its subject, so the name in it is the subject's.
void RoomsFold::note_name(Member& member, std::string_view id, const EventView& event) {
    const auto subject = event.subject();
    if (event.sealed_size() > 0 && subject && domain::to_text(*subject) == id) {
        member.sealed_ordinal = event.position().ordinal;
    }
}

MessageInBatch& RoomsFold::message_of(RoomInBatch& room, const EventView& event,
                                      const flatbuffers::String* id) {
    return batch_.message(room, text(id), event.position().ordinal);
}

void RoomsFold::said(RoomInBatch& room, const EventView& event,
                     const flatbuffers::String* message_id) {
    note_activity(room, event);
    note_actor(room, event);
    // A slash command is an interaction, no message: it has no message id.
    if (message_id == nullptr || message_id->size() == 0) return;
    Message& message = message_of(room, event, message_id).row;
    // One utterance may come in twice, as a message and as a command; the first keeps its place.
    if (message.ordinal) return;
    ++room.row.message_count;
    message.ordinal = event.position().ordinal;
    message.author = event.actor_id();
    message.occurred_at_us = event.occurred_at_us();
}

void RoomsFold::edited(RoomInBatch& room, const EventView& event,
                       const fb::MessageEdited& payload) {
    note_activity(room, event);
    note_actor(room, event);
    Message& message = message_of(room, event, payload.message_id()).row;
    const std::int64_t edited_at =
        payload.edited_at() != 0 ? payload.edited_at() : event.occurred_at_us();
    raise(message.edited, {edited_at, event.position().ordinal});
}

void RoomsFold::deleted(RoomInBatch& room, const EventView& event,
                        const fb::MessageDeleted& payload) {
    note_activity(room, event);
    raise(message_of(room, event, payload.message_id()).row.deleted, mark_of(event));
}

void RoomsFold::reacted(RoomInBatch& room, const EventView& event,
                        const flatbuffers::String* message_id, std::string_view reactor,
                        std::string_view reaction, bool set) {
    note_activity(room, event);
    note_actor(room, event);
    MessageInBatch& message = message_of(room, event, message_id);
    const Reaction now{mark_of(event), set};
    Reaction* known = batch_.reaction(room, message, reactor, reaction);
    if (known == nullptr) {
        message.reactions.emplace(std::pair(reactor, reaction), now);
        ++message.row.reaction_rows;
        message.row.reactions += set ? 1 : 0;
        return;
    }
    if (now.at < known->at) return;
    if (known->set != set) message.row.reactions += set ? 1 : std::uint64_t(-1);
    *known = now;
}

void RoomsFold::moved(RoomInBatch& room, const EventView& event, std::string_view member_id,
                      bool joined) {
    note_activity(room, event);
    if (member_id.empty()) return;
    Member& member = batch_.member(room, member_id);
    const bool before = member.present();
    raise(joined ? member.joined : member.left, mark_of(event));
    set_present(room.row, before, member.present());
    note_name(member, member_id, event);
}

/// Statuses come late, doubled and out of order: the highest rank reported stands. They are no
/// activity of the room, or every receipt would move it to the top.
void RoomsFold::delivered(RoomInBatch& room, const EventView& event,
                          const fb::DeliveryStatusReported& payload) {
    Message& message = message_of(room, event, payload.message_id()).row;
    if (message.status_ordinal && payload.rank() <= message.status_rank) return;
    message.status = text(payload.status());
    message.status_rank = payload.rank();
    message.error_code = payload.error_code();
    message.status_ordinal = event.position().ordinal;
}

std::optional<Parked> RoomsFold::migrated(const EventView& event) {
    const auto* payload = event.payload_as<fb::RoomMigrated>();
    if (payload == nullptr) return poison(event);
    const std::string_view from = text(payload->from_room());
    const std::string_view to = text(payload->to_room());
    if (from.empty() || to.empty() || from == to) return std::nullopt;
    const std::string from_id = room_id(event.platform(), event.account(), from);
    const std::string to_id = room_id(event.platform(), event.account(), to);
    RoomInBatch& old_room = room_of(event, from_id, from, false);
    note_activity(old_room, event);
    old_room.row.migrated_to = to_id;
    RoomInBatch& new_room = room_of(event, to_id, to, false);
    note_activity(new_room, event);
    new_room.row.migrated_from = from_id;
    return std::nullopt;
}

}  // namespace decklog::projections::rooms
