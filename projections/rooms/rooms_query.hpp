// What the rooms view answers. Rows hold ids, times and positions; names, titles and texts are
// opened at the edge from the events at those positions. Any thread, over any rows of the view (a
// snapshot or a replay).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::rooms {

enum class Kind : std::uint8_t { any, room, direct };
[[nodiscard]] std::optional<Kind> kind_from_text(
    std::string_view text);  // room, direct; empty is any

/// Ordinals are places in the partition whose rows were asked. Times are occurred_at.
struct RoomInfo {
    std::string id;  // platform:account:conversation
    std::string workspace, platform, account, conversation;
    bool direct = false;
    std::int64_t first_activity_us = 0;
    std::int64_t last_activity_us = 0;
    std::uint64_t last_ordinal = 0;                 // the event of the last activity
    std::uint64_t message_count = 0;                // received, ever; commands in messages too
    std::uint64_t member_count = 0;                 // present now
    std::optional<std::uint64_t> sealed_ordinal{};  // newest event with a sealed part: the title
    std::string migrated_to{};                      // room ids; empty: not migrated
    std::string migrated_from{};
};

struct MemberInfo {
    std::string member;  // subject id
    bool bot = false;
    bool present = false;  // joined or spoke after leaving last
    std::optional<std::uint64_t> joined_ordinal{};
    std::optional<std::uint64_t> left_ordinal{};
    std::optional<std::uint64_t> seen_ordinal{};
    std::optional<std::int64_t> last_seen_us{};  // as author
    std::optional<std::uint64_t>
        sealed_ordinal{};  // newest event about them with a sealed part: the name
};

/// A message that was received, or that a status, an edit or a reaction spoke of.
struct MessageInfo {
    std::string message_id;
    std::uint64_t first_ordinal = 0;  // the event that first named it; the cursor of `messages`
    std::optional<std::uint64_t> ordinal{};  // its MessageReceived or CommandReceived; absent:
                                             // never received (sent by us, or from before)
    std::string author{};
    std::int64_t occurred_at_us = 0;
    std::optional<std::uint64_t> edit_ordinal{};  // newest edit: the text to show
    std::int64_t edited_at_us = 0;
    std::optional<std::uint64_t> deleted_ordinal{};
    std::uint64_t reactions = 0;  // set now
    std::string status{};         // highest delivery status reported; empty: none
    std::uint32_t status_rank = 0;
    std::int32_t error_code = 0;
    std::optional<std::uint64_t> status_ordinal{};
};

struct RoomPage {
    std::vector<RoomInfo> items;
    std::string next;  // opaque; empty: that was all
};
struct MessagePage {
    std::vector<MessageInfo> items;
    std::optional<std::uint64_t> next{};  // `after` of the next page
};

/// Of the list of this kind: what comes after the room there.
[[nodiscard]] std::string next_after(Kind kind, const RoomInfo& room);

/// Newest activity first. `after` is a page's `next` (exclusive) or empty. Rejection: bad_cursor
/// (field cursor).
[[nodiscard]] domain::Decision<RoomPage> list_rooms(const RowReader& rows, Kind kind,
                                                    std::size_t limit, std::string_view after);

[[nodiscard]] std::optional<RoomInfo> room(const RowReader& rows, std::string_view id);

/// Newest first by `first_ordinal`; the view keeps the newest kRecentMessages of a room. `after`:
/// exclusive.
[[nodiscard]] MessagePage messages(const RowReader& rows, std::string_view id, std::size_t limit,
                                   std::optional<std::uint64_t> after);

/// All who ever joined, left or spoke, by id.
[[nodiscard]] std::vector<MemberInfo> members(const RowReader& rows, std::string_view id);

}  // namespace decklog::projections::rooms
