// One item of a webhook in words that no platform owns: what happened, where, who did it, what was
// said. Adapters make items, filing (filing.hpp) turns them into sealed events. Ids here are the
// platform's own: an item never leaves the edge. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace decklog::ingest {

struct Person {
    std::string native_id;
    std::string display_name{};
    std::string username{};
    bool is_bot = false;
    std::vector<std::string> roles{};
};

/// `direct`: one to one with the account; everything else (group, channel, thread channel) is a
/// room.
struct Room {
    std::string native_id;
    bool direct = false;
    std::string title{};
};

/// Offsets count Unicode code points.
struct Span {
    std::string kind;
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::string target{};
};

struct Attachment {
    std::string native_ref;
    std::string mime{};
    std::uint64_t size = 0;
    std::string sha256{};
    std::string name{};
};

// ---- what happened: one struct a kind ------------------------------------------------------

struct MessageSent {
    std::string content_kind;  // a word of the adapter's own table, never one from outside
    std::string thread{};
    std::string reply_to{};  // native message id
};
struct MessageChanged {
    std::string content_kind;
    std::string thread{};
    std::int64_t edited_at_us = 0;
};
struct MessageRemoved {};
/// The item's text is the reaction. `one_of_several`: the actor may leave other reactions on the
/// same message, so that a fold must tell them apart; else this is the actor's whole state.
struct Reacted {
    bool set = true;
    bool one_of_several = false;
};
/// States that the member is in (or no longer in) the room; a change of role says "in" once more.
struct Membership {
    bool joined = true;
    Person member;
};
struct CommandGiven {
    std::string surface;  // text, slash, mention
    std::string interaction_id{};
};
struct ComponentUsed {
    std::string kind;
    std::string interaction_id{};
};
/// `rank` orders the statuses of one platform: a fold keeps the highest seen, so order of arrival
/// does not matter.
struct StatusReported {
    std::string status;
    std::uint32_t rank = 0;
    std::int32_t error_code = 0;
    Person recipient;
};
struct RoomMoved {
    Room from;
    Room to;
};
/// `field` names what was not understood: the update kind, the event type.
struct Unrecognised {
    std::string field;
    bool too_large = false;
};

using What = std::variant<MessageSent, MessageChanged, MessageRemoved, Reacted, Membership,
                          CommandGiven, ComponentUsed, StatusReported, RoomMoved, Unrecognised>;

struct Item {
    What what;
    /// The platform's own key of this item (`tg:…`, `dc:…`, `wa:…`, `sl:…`): filed once, forever.
    std::string dedupe_id;
    /// Canonical plaintext: what must be equal for two items under one key to be the same.
    std::string identity;
    std::string_view source{};  // the item's bytes inside the body
    std::optional<Room> room{};
    std::optional<Person> actor{};
    std::optional<Room>
        actor_room{};  // who acts when no person does: a channel that posts, an anonymous group
    std::string message_id{};  // native
    std::string text{};
    std::vector<Span> spans{};
    std::vector<Attachment> attachments{};
    std::string details{};            // free-form JSON
    std::int64_t occurred_at_us = 0;  // 0: the platform does not say
};

}  // namespace decklog::ingest
