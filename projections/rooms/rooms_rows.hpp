// The rows of the rooms view. Rooms have numbers, given in the log's order, so that the keys of
// what is in them are short.
//
//   '#'                                          -> the next room number
//   'R' room id                                  -> Room
//   'A' scope, last activity, its ordinal, room id -> 'x'    newest first by scanning back; scope:
//   a all, d direct, r other 'M' room number, member                      -> Member 'P' room
//   number, sequence                    -> Place    the messages by age 'S' room number, message id
//   -> Message 'X' room number, sequence, reactor, reaction -> Reaction
//
// A message's sequence counts the messages of its room in the order in which they were first named.
// Times are occurred_at; what may arrive out of order is decided by (time, ordinal), so the newest
// report wins whenever it comes.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace decklog::projections::rooms {

/// When and where something was last said to be so.
struct Mark {
    std::int64_t time_us = 0;
    std::uint64_t ordinal = 0;
    auto operator<=>(const Mark&) const = default;
};
using MaybeMark = std::optional<Mark>;
/// Keeps the newer one.
void raise(MaybeMark& mark, const Mark& to);

struct Room {
    std::uint32_t number = 0;
    std::string workspace, platform, account, conversation;
    bool direct = false;
    std::int64_t first_activity_us = 0;
    Mark last_activity;
    std::uint64_t message_count = 0;
    std::uint64_t member_count = 0;
    std::optional<std::uint64_t> sealed_ordinal{};
    std::string migrated_to{}, migrated_from{};
    std::uint64_t next_sequence = 0;  // messages named so far
    /// Messages with a lower sequence are forgotten.
    [[nodiscard]] std::uint64_t oldest_sequence() const;
};

struct Member {
    bool bot = false;
    MaybeMark joined{}, left{}, seen{};
    std::optional<std::uint64_t> sealed_ordinal{};
    [[nodiscard]] bool present() const;
};

struct Place {
    std::uint64_t first_ordinal = 0;
    std::string message_id;
};

struct Message {
    std::uint64_t sequence = 0;
    std::uint64_t first_ordinal = 0;  // the event that first named it
    std::optional<std::uint64_t> ordinal{};
    std::string author{};
    std::int64_t occurred_at_us = 0;
    MaybeMark edited{}, deleted{};
    std::uint64_t reactions = 0;      // set now
    std::uint64_t reaction_rows = 0;  // set or cleared
    std::string status{};
    std::uint32_t status_rank = 0;
    std::int32_t error_code = 0;
    std::optional<std::uint64_t> status_ordinal{};
};

struct Reaction {
    Mark at;
    bool set = false;
};

enum class Scope : char { all = 'a', direct = 'd', other = 'r' };

inline constexpr std::string_view kNextNumberKey = "#";
[[nodiscard]] std::string room_id(std::string_view platform, std::string_view account,
                                  std::string_view conversation);
[[nodiscard]] std::string room_key(std::string_view id);
[[nodiscard]] std::string activity_prefix(Scope scope);
[[nodiscard]] std::string activity_key(Scope scope, const Mark& activity, std::string_view id);
/// The room id in an activity key.
[[nodiscard]] std::string_view id_in_activity_key(std::string_view key);
[[nodiscard]] std::string member_prefix(std::uint32_t room);
[[nodiscard]] std::string member_key(std::uint32_t room, std::string_view member);
[[nodiscard]] std::string place_prefix(std::uint32_t room);
[[nodiscard]] std::string place_key(std::uint32_t room, std::uint64_t sequence);
[[nodiscard]] std::string message_key(std::uint32_t room, std::string_view message_id);
[[nodiscard]] std::string reaction_prefix(std::uint32_t room, std::uint64_t sequence);
[[nodiscard]] std::string reaction_key(std::uint32_t room, std::uint64_t sequence,
                                       std::string_view reactor, std::string_view reaction);

[[nodiscard]] std::string encode(const Room& room);
[[nodiscard]] std::string encode(const Member& member);
[[nodiscard]] std::string encode(const Place& place);
[[nodiscard]] std::string encode(const Message& message);
[[nodiscard]] std::string encode(const Reaction& reaction);

/// nullopt: not bytes that `encode` wrote.
template <class Row>
[[nodiscard]] std::optional<Row> decode(std::string_view bytes);
template <>
std::optional<Room> decode<Room>(std::string_view bytes);
template <>
std::optional<Member> decode<Member>(std::string_view bytes);
template <>
std::optional<Place> decode<Place>(std::string_view bytes);
template <>
std::optional<Message> decode<Message>(std::string_view bytes);
template <>
std::optional<Reaction> decode<Reaction>(std::string_view bytes);

}  // namespace decklog::projections::rooms
