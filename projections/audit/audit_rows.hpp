// The rows of the audit view and what stands in them; the only file that knows their bytes.
//
//   c level bucket   packed counts of everything the snapshot sums       (group, number) -> count
//   d level bucket   the same of actions that are not critical, for the audit queries
//   e second         packed events: one entry an audited action          AuditEntry -> 1
//   f hour           packed positions of errors                          offset, ordinal -> 1
//   s minute         packed changes of messages and bookings             offset, group, number ->
//   count t                messages of all time by direction and status        (group, number) ->
//   count m, a             newest state of a message, an appointment           (record_states.hpp)
//   w, x, y          words and their numbers                             (counting/words.hpp)
//
// Everything a window needs is a signed count, so events may come in any order of time. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "projections/counting/bucket_counts.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::audit {

inline constexpr char kSnapshotCounts = 'c';
inline constexpr char kOtherCounts = 'd';
inline constexpr char kEvents = 'e';
inline constexpr char kErrors = 'f';
inline constexpr char kStates = 's';
inline constexpr char kMessageState = 'm';
inline constexpr char kAppointmentState = 'a';
inline constexpr char kMessageTotals = 't';

/// What the numbers of a group are.
enum class Group : std::uint32_t {
    action = 1,          // every audited action; number in Book::actions
    platform = 2,        // Book::platforms
    agent = 3,           // Book::agents
    conversation = 4,    // Book::conversations
    failure = 5,         // Book::failures
    reason = 6,          // Book::reasons
    message = 7,         // message_slot
    booking_status = 8,  // Book::statuses
    booking_platform = 9,
};
inline constexpr std::uint32_t kGroups = 10;  // 0 is none
[[nodiscard]] constexpr counting::Slot slot(Group group, std::uint32_t number) {
    return {static_cast<std::uint32_t>(group), number};
}

/// The texts of a book: one word, or several in ordered bytes.
namespace books {
inline constexpr counting::Book kActions = 0;
inline constexpr counting::Book kPlatforms = 1;
inline constexpr counting::Book kAgents = 2;  // actor type, actor id
inline constexpr counting::Book kConversations = 3;
inline constexpr counting::Book kFailures = 4;  // platform, stage, action
inline constexpr counting::Book kReasons = 5;
inline constexpr counting::Book kStatuses = 6;
}  // namespace books
[[nodiscard]] counting::Book book_of(Group group);

/// Missing and empty texts count under this one, as a service that says it counts.
inline constexpr std::string_view kUnknown = "unknown";
[[nodiscard]] constexpr std::string_view or_unknown(std::string_view text) {
    return text.empty() ? kUnknown : text;
}

enum class Direction : std::uint8_t { inbound = 1, outbound = 2 };
enum class Review : std::uint8_t { fresh = 1, draft = 2, sent = 3, hold = 4, other = 5 };
/// The number of a message in Group::message.
[[nodiscard]] constexpr std::uint32_t message_slot(Direction direction, Review review) {
    constexpr std::uint32_t kReviews = 8;
    return static_cast<std::uint32_t>(direction) * kReviews + static_cast<std::uint32_t>(review);
}

/// One audited action as its row keeps it. Sorts by time, then position. By second, not by minute:
/// whoever asks for the newest ones reads the last row, however busy that minute was.
struct AuditEntry {
    std::uint32_t offset_us = 0;  // within the second
    std::uint64_t ordinal = 0;
    bool critical = false;
    std::uint32_t action = 0;
    std::uint32_t platform = 0;
    std::uint32_t agent = 0;
    std::uint32_t conversation = 0;
    std::uint32_t failure = 0;  // 0: not a failure
    std::uint32_t reason = 0;   // 0: no escalation
};
void put(std::string& out, const AuditEntry& entry);
[[nodiscard]] bool before(const AuditEntry& left, const AuditEntry& right);
[[nodiscard]] AuditEntry audit_entry(std::string_view packed);

/// When and where of an error, within its hour.
struct ErrorEntry {
    std::uint32_t offset_us = 0;
    std::uint64_t ordinal = 0;
};
void put(std::string& out, const ErrorEntry& entry);
[[nodiscard]] bool before(const ErrorEntry& left, const ErrorEntry& right);
[[nodiscard]] ErrorEntry error_entry(std::string_view packed);

/// A change of a count at one microsecond of a minute.
struct StateEntry {
    std::uint32_t offset_us = 0;
    counting::Slot slot;
};
void put(std::string& out, const StateEntry& entry);
[[nodiscard]] bool before(const StateEntry& left, const StateEntry& right);
[[nodiscard]] StateEntry state_entry(std::string_view packed);

[[nodiscard]] std::string events_key(std::int64_t second);
[[nodiscard]] std::string errors_key(std::int64_t hour);
[[nodiscard]] std::string states_key(std::int64_t minute);
/// After every bucket that a time can fall into.
inline constexpr std::int64_t kLastBucket = std::numeric_limits<std::int64_t>::max();
/// The bucket of one of the three keys above.
[[nodiscard]] std::int64_t bucket_of_key(std::string_view key);

}  // namespace decklog::projections::audit
