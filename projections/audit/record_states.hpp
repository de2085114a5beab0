// The newest state of messages and appointments that other services own. A record names a change;
// the newest `time` of an entity is its row, of equal times the later position. Since positions
// only grow, a record wins unless an already folded one has a later time, whatever the order in
// which changes arrive. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projections/audit/audit_rows.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

/// What an entity counts as, and when: messages by direction and review, appointments by status and
/// platform.
struct RecordState {
    std::int64_t changed_at_us = 0;  // `time` of the record
    std::uint64_t ordinal = 0;
    std::int64_t counted_at_us = 0;  // sentAt, createdAt
    std::uint32_t first = 0;         // message_slot; booking status
    std::uint32_t second = 0;        // 0; booking platform
    auto operator<=>(const RecordState&) const = default;
};
[[nodiscard]] std::string to_bytes(const RecordState& state);
[[nodiscard]] RecordState record_state(std::string_view row);

/// The states that one fold reads and changes; each is read from the rows at most once.
class RecordStates {
  public:
    RecordStates(char tag, const RowReader& rows) : tag_(tag), rows_(rows) {}
    struct Change {
        std::optional<RecordState> before;
        RecordState after;
    };
    /// nullopt: a newer state is known already.
    [[nodiscard]] std::optional<Change> change(std::string_view workspace, std::string_view id,
                                               const RecordState& after);
    void finish(RowWriter& rows);

  private:
    struct Known {
        std::optional<RecordState> state;
        bool changed = false;
    };
    char tag_;
    const RowReader& rows_;
    std::unordered_map<std::string, Known> known_;  // by row key
};

[[nodiscard]] std::string record_key(char tag, std::string_view workspace, std::string_view id);

}  // namespace decklog::projections::audit
