// Units of open rollouts as a fold sees them, one lookup for all that is known of a unit: most
// events concern several streams, and a replay does nothing but this. Like row_cache.hpp: what is
// remembered saves reading and never shows in the rows. One thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projections/rollouts/rollouts_rows.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::rollout {

/// A unit in one arm of one rollout.
struct UnitName {
    std::uint32_t rollout = 0;  // its number
    Arm arm = Arm::canary;
    std::string_view text{};
    bool operator==(const UnitName&) const = default;
};

class UnitCache;

/// What is known of one unit. A row is read the first time that somebody asks for it.
class KnownUnit {
  public:
    [[nodiscard]] std::string_view text() const { return name_.text; }
    /// Its standing in a stream; all zero: the stream never saw it.
    [[nodiscard]] const UnitRow& in(std::size_t stream) { return standing(stream).row; }
    void put(std::size_t stream, const UnitRow& row);
    /// The watch in which it was counted as handled; 0: in none.
    [[nodiscard]] std::uint32_t handled_in();
    void put_handled(std::uint32_t watch);

  private:
    friend class UnitCache;
    struct InStream {
        std::uint32_t stream;
        UnitRow row;
        bool has_changed;
    };
    explicit KnownUnit(UnitCache& cache) : cache_(cache) {}
    [[nodiscard]] InStream& standing(std::size_t stream);
    void note_change();
    void write_to(RowWriter& rows);

    UnitCache& cache_;
    UnitName name_;  // its text is the cache's
    boost::container::small_vector<InStream, 2> streams_;
    std::optional<std::uint32_t> handled_;
    bool has_handled_changed_ = false;
    bool has_changed_ = false;
};

class UnitCache {
  public:
    explicit UnitCache(const RowReader& rows) : rows_(rows) {}
    UnitCache(const UnitCache&) = delete;  // its units point to it
    UnitCache& operator=(const UnitCache&) = delete;

    /// Stays where it is until the next `finish`, or until its rollout is forgotten.
    [[nodiscard]] KnownUnit& find(const UnitName& name);
    /// Of a rollout that closes; its stored rows are the caller's affair.
    void forget(std::uint32_t rollout);
    /// Writes what changed since the last time.
    void finish(RowWriter& rows);

  private:
    friend class KnownUnit;
    struct OwnName {
        std::uint32_t rollout;
        Arm arm;
        std::string text;
        operator UnitName() const { return {rollout, arm, text}; }  // NOLINT: one is the other
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const UnitName& name) const {
            constexpr std::size_t kSpread = 0x9E3779B97F4A7C15U;
            const std::size_t side =
                2 * std::size_t{name.rollout} + static_cast<std::size_t>(name.arm);
            return std::hash<std::string_view>{}(name.text) ^ (side * kSpread);
        }
    };
    struct Same {
        using is_transparent = void;
        bool operator()(const UnitName& a, const UnitName& b) const { return a == b; }
    };

    const RowReader& rows_;
    std::unordered_map<OwnName, KnownUnit, Hash, Same> known_;
    std::vector<KnownUnit*> changed_;
};

}  // namespace decklog::projections::rollout
