#include "projections/audit/audit_rows.hpp"

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {
namespace {

using counting::ordered_number;
using counting::put_ordered;

std::string key_of(char tag, std::int64_t bucket) {
    std::string key(1, tag);
    put_be64_signed(key, bucket);
    return key;
}

std::uint32_t word(RowBytes& bytes) { return static_cast<std::uint32_t>(ordered_number(bytes)); }

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

std::string to_bytes(const AuditEntry& entry) {
    std::string bytes;
    put_be32(bytes, entry.offset_us);
    put_ordered(bytes, entry.ordinal);
    put_ordered(bytes, entry.critical ? std::uint64_t{1} : std::uint64_t{0});
    for (const std::uint32_t field : {entry.action, entry.platform, entry.agent, entry.conversation,
                                      entry.failure, entry.reason}) {
        put_ordered(bytes, std::uint64_t{field});
    }
    return bytes;
}

AuditEntry audit_entry(std::string_view packed) {
    RowBytes bytes(packed);
    AuditEntry entry;
    entry.offset_us = bytes.be32();
    entry.ordinal = ordered_number(bytes);
    entry.critical = ordered_number(bytes) != 0;
    for (std::uint32_t* field : {&entry.action, &entry.platform, &entry.agent, &entry.conversation,
                                 &entry.failure, &entry.reason}) {
        *field = word(bytes);
    }
    return entry;
}

std::string to_bytes(const ErrorEntry& entry) {
    std::string bytes;
    put_be32(bytes, entry.offset_us);
    put_ordered(bytes, entry.ordinal);
    return bytes;
}

ErrorEntry error_entry(std::string_view packed) {
    RowBytes bytes(packed);
    const std::uint32_t offset_us = bytes.be32();
    return {offset_us, ordered_number(bytes)};
}

std::string to_bytes(const StateEntry& entry) {
    std::string bytes;
    put_be32(bytes, entry.offset_us);
    counting::put_slot(bytes, entry.slot);
    return bytes;
}

StateEntry state_entry(std::string_view packed) {
    RowBytes bytes(packed);
    const std::uint32_t offset_us = bytes.be32();
    return {offset_us, counting::take_slot(bytes)};
}

std::string events_key(std::int64_t minute) { return key_of(kEvents, minute); }
std::string errors_key(std::int64_t hour) { return key_of(kErrors, hour); }
std::string states_key(std::int64_t minute) { return key_of(kStates, minute); }

std::int64_t bucket_of_key(std::string_view key) {
    RowBytes bytes(key);
    bytes.byte();  // the tag
    return bytes.be64_signed();
}

}  // namespace decklog::projections::audit
