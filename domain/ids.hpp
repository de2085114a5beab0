// The identifiers of the log as strong types, so that a command key can never be passed where a
// subject is meant. All are plain bytes; text forms are in ids.cpp. Pure, any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace decklog::domain {

using Bytes16 = std::array<std::uint8_t, 16>;
using Bytes32 = std::array<std::uint8_t, 32>;

template <class Tag>
struct Id16 {
    Bytes16 bytes{};
    auto operator<=>(const Id16&) const = default;
    [[nodiscard]] bool is_zero() const { return bytes == Bytes16{}; }
};

using EventId = Id16<struct EventIdTag>;          // UUIDv7
using CommandKey = Id16<struct CommandKeyTag>;    // idempotency key of a commit, kept forever
using RequestHash = Id16<struct RequestHashTag>;  // what the key was first used for
using SubjectId = Id16<struct SubjectIdTag>;      // the person an event is about; random
using TraceId = Id16<struct TraceIdTag>;          // W3C trace id
using RawId = Id16<struct RawIdTag>;              // a raw body kept beside the chain
using LedgerId = Id16<struct LedgerIdTag>;

/// One place in one partition's total order. Ordinals are dense from 0.
struct Position {
    std::uint32_t partition = 0;
    std::uint64_t ordinal = 0;
    auto operator<=>(const Position&) const = default;
};

[[nodiscard]] std::string to_hex(const std::uint8_t* data, std::size_t size);
template <class Array>
[[nodiscard]] std::string to_hex(const Array& bytes) {
    return to_hex(bytes.data(), bytes.size());
}
/// Exactly 32 lower- or upper-case hex digits.
[[nodiscard]] std::optional<Bytes16> bytes16_from_hex(std::string_view hex);

/// `xxxxxxxx-xxxx-7xxx-yxxx-xxxxxxxxxxxx`.
[[nodiscard]] std::string to_text(const EventId& id);
[[nodiscard]] std::optional<EventId> event_id_from_text(std::string_view text);
/// `p_` and 32 hex digits.
[[nodiscard]] std::string to_text(const SubjectId& id);
[[nodiscard]] std::optional<SubjectId> subject_from_text(std::string_view text);
/// 32 hex digits.
[[nodiscard]] std::string to_text(const TraceId& id);

/// UUIDv7 (RFC 9562) from a time in microseconds and 10 random bytes.
[[nodiscard]] EventId make_event_id(std::int64_t time_us,
                                    const std::array<std::uint8_t, 10>& random);

/// Cursor text: the first 8 hex digits of the ledger id, a dot, `partition:ordinal` (contract,
/// "Cursors and waiting").
[[nodiscard]] std::string to_cursor(const LedgerId& ledger, Position position);

enum class CursorError { malformed, other_ledger };
struct ParsedCursor {
    std::optional<Position> position;
    std::optional<CursorError> error;
};
/// Accepts `7f3a9c01.0:12` of this ledger and a bare `0:12`.
[[nodiscard]] ParsedCursor parse_cursor(std::string_view text, const LedgerId& ledger);

}  // namespace decklog::domain
