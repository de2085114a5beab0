// The rows of the rollouts view. A number is given to each rollout in log order.
//
//   r workspace id        RolloutRow: what a rollout is and where it stands
//   k workspace id seal   CountsRow: what a sealed check counted, by the seal's ordinal
//   n                     how many numbers are given
//
// and while a rollout is open, no longer:
//
//   o number              OpenRow: what to count, and where the range at hand stands
//   u number stream arm unit   UnitRow: a unit of one stream in one arm
//   h number arm unit     the watch in which the unit was counted as handled
//   b number              a BurnHistory for each stream; at full
//
// Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/watch.hpp"
#include "domain/rollout/rollout.hpp"
#include "projections/rollouts/burn_history.hpp"

namespace decklog::projections::rollout {

inline constexpr char kRollout = 'r', kCounts = 'k', kNumbers = 'n', kOpen = 'o', kUnit = 'u',
                      kHandled = 'h', kBurn = 'b';

enum class Arm : std::uint8_t { canary = 0, baseline = 1 };

struct RolloutRow {
    std::string service{}, release{}, baseline_release{}, policy_hash{};
    domain::RolloutStage stage = domain::RolloutStage::shadow;
    std::uint32_t weight_millis = 0;  // of a percent: rows hold no floats
    std::uint64_t created_ordinal = 0;
    std::uint32_t checks = 0;
    std::string verdict{}, reason{}, subject{};  // the last one; empty: none yet
    std::uint64_t verdict_ordinal = 0;
    bool operator==(const RolloutRow&) const = default;
};

struct CountsRow {
    std::int64_t sealed_at_us = 0;
    std::uint32_t weight_millis = 0;  // of a canary
    domain::gate::HandledCounts handled{};
    std::vector<domain::gate::StreamCounts> streams{};
    bool operator==(const CountsRow&) const = default;
};

struct OpenRow {
    std::string workspace{}, id{}, release{}, baseline_release{};
    std::string policy{};  // of RolloutCreated, as its bytes
    domain::RolloutStage stage = domain::RolloutStage::shadow;
    std::uint32_t weight_millis = 0;
    std::uint32_t watch = 1;                // a unit leaves for as long as its watch lasts
    std::uint32_t check = 1;                // the range at hand
    std::int64_t range_began_us = 0;        // what happened before is late
    domain::gate::HandledCounts handled{};  // in the range at hand, like the streams
    std::vector<domain::gate::StreamCounts> streams{};
};

struct UnitRow {
    std::uint32_t watch = 0;
    std::uint32_t check = 0;  // in which it was last attempted
    bool has_left = false;    // its first error of the watch is behind it
    bool is_late = false;     // in that check, only by events of an earlier range's time
};

[[nodiscard]] std::string rollout_key(std::string_view workspace, std::string_view id);
[[nodiscard]] std::string counts_key(std::string_view workspace, std::string_view id,
                                     std::uint64_t seal_ordinal);
[[nodiscard]] std::string open_key(std::uint32_t number);
[[nodiscard]] std::string burn_key(std::uint32_t number);
[[nodiscard]] std::string unit_key(std::uint32_t number, std::size_t stream, Arm arm,
                                   std::string_view unit);
[[nodiscard]] std::string handled_key(std::uint32_t number, Arm arm, std::string_view unit);
/// All of a rollout's units, or all that it handled.
[[nodiscard]] std::string set_prefix(char kind, std::uint32_t number);

/// `workspace` and `id` of a key that rollout_key or counts_key made, and the seal's ordinal.
struct RolloutName {
    std::string workspace, id;
    std::uint64_t seal_ordinal = 0;
};
[[nodiscard]] RolloutName name_in(std::string_view key);

[[nodiscard]] std::string encode(const RolloutRow& row);
[[nodiscard]] std::string encode(const CountsRow& row);
[[nodiscard]] std::string encode(const OpenRow& row);
[[nodiscard]] std::string encode(const UnitRow& row);
[[nodiscard]] std::string encode(const std::vector<BurnHistory>& histories);
[[nodiscard]] std::string encode_number(std::int64_t number);

[[nodiscard]] RolloutRow rollout_row(std::string_view bytes);
[[nodiscard]] CountsRow counts_row(std::string_view bytes);
[[nodiscard]] OpenRow open_row(std::string_view bytes);
[[nodiscard]] UnitRow unit_row(std::string_view bytes);
[[nodiscard]] std::vector<BurnHistory> burn_row(std::string_view bytes);
[[nodiscard]] std::int64_t number_row(std::string_view bytes);

}  // namespace decklog::projections::rollout
