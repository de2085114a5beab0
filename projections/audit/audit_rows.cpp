#include "projections/audit/audit_rows.hpp"

#include <tuple>

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {
namespace {

using counting::put_ordered;
using counting::take_ordered;

std::string key_of(char tag, std::int64_t bucket) {
    std::string key(1, tag);
    put_be64_signed(key, bucket);
    return key;
}

}  // namespace

counting::Book book_of(Group group) {
    switch (group) {
        case Group::action:
            return books::kActions;
        case Group::platform:
        case Group::booking_platform:
            return books::kPlatforms;
        case Group::agent:
            return books::kAgents;
        case Group::conversation:
            return books::kConversations;
        case Group::failure:
            return books::kFailures;
        case Group::reason:
            return books::kReasons;
        case Group::booking_status:
        case Group::message:
            return books::kStatuses;
    }
    return books::kStatuses;
}

void put(std::string& out, const AuditEntry& entry) {
    put_be32(out, entry.offset_us);
    put_ordered(out, entry.ordinal);
    put_ordered(out, entry.critical ? std::uint64_t{1} : std::uint64_t{0});
    for (const std::uint32_t field : {entry.action, entry.platform, entry.agent, entry.conversation,
                                      entry.failure, entry.reason}) {
        put_ordered(out, std::uint64_t{field});
    }
}

// An ordinal stands for one event, so what follows it in the bytes never decides.
bool before(const AuditEntry& left, const AuditEntry& right) {
    return std::tie(left.offset_us, left.ordinal) < std::tie(right.offset_us, right.ordinal);
}

AuditEntry audit_entry(std::string_view packed) {
    RowBytes bytes(packed);
    AuditEntry entry;
    entry.offset_us = bytes.be32();
    std::string_view numbers = bytes.rest();
    entry.ordinal = take_ordered(numbers);
    entry.critical = take_ordered(numbers) != 0;
    for (std::uint32_t* field : {&entry.action, &entry.platform, &entry.agent, &entry.conversation,
                                 &entry.failure, &entry.reason}) {
        *field = static_cast<std::uint32_t>(take_ordered(numbers));
    }
    return entry;
}

void put(std::string& out, const ErrorEntry& entry) {
    put_be32(out, entry.offset_us);
    put_ordered(out, entry.ordinal);
}

bool before(const ErrorEntry& left, const ErrorEntry& right) {
    return std::tie(left.offset_us, left.ordinal) < std::tie(right.offset_us, right.ordinal);
}

ErrorEntry error_entry(std::string_view packed) {
    RowBytes bytes(packed);
    const std::uint32_t offset_us = bytes.be32();
    std::string_view number = bytes.rest();
    return {offset_us, take_ordered(number)};
}

void put(std::string& out, const StateEntry& entry) {
    put_be32(out, entry.offset_us);
    counting::put_slot(out, entry.slot);
}

bool before(const StateEntry& left, const StateEntry& right) {
    return std::tie(left.offset_us, left.slot) < std::tie(right.offset_us, right.slot);
}

StateEntry state_entry(std::string_view packed) {
    RowBytes bytes(packed);
    const std::uint32_t offset_us = bytes.be32();
    return {offset_us, counting::slot_in(bytes.rest())};
}

std::string events_key(std::int64_t second) { return key_of(kEvents, second); }
std::string errors_key(std::int64_t hour) { return key_of(kErrors, hour); }
std::string states_key(std::int64_t minute) { return key_of(kStates, minute); }

std::int64_t bucket_of_key(std::string_view key) {
    RowBytes bytes(key);
    bytes.byte();  // the tag
    return bytes.be64_signed();
}

}  // namespace decklog::projections::audit
