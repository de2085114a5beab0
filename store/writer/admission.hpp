// When the writer takes no new work although it could write: the clock cannot be trusted, or the
// disk is nearly full. The writer thread looks, any thread asks.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>

#include "store/clock.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store {

/// Refuses when the wall clock was more than 60 s behind the newest commit at start, or has jumped
/// more than 60 s against the boot clock since. A refusal stays until a restart with accept_clock:
/// what is recorded with a wrong time stays so.
class ClockRule {
  public:
    ClockRule(const Clock& clock, std::int64_t last_recorded_at_us, bool accept_clock);
    /// Each turn of the writer.
    void look(std::int64_t last_recorded_at_us);
    [[nodiscard]] bool refuses() const { return refuses_.load(std::memory_order_relaxed); }
    /// How far the wall clock was behind the newest commit at the last look; 0: not.
    [[nodiscard]] std::int64_t behind_us() const {
        return behind_us_.load(std::memory_order_relaxed);
    }

  private:
    const Clock& clock_;
    std::int64_t wall_minus_boot_us_;  // of the last look: slow steering is followed, a jump is not
    std::atomic<bool> refuses_{false};
    std::atomic<std::int64_t> behind_us_{0};
};

/// Refuses while less than 2 GiB or less than 5 % of the disk is free; asks the disk at most once a
/// second. The last sixteenth of that is kept for nobody; what frees or protects may use the rest.
class DiskRule {
  public:
    DiskRule(const LedgerOptions& options, const Clock& clock);
    void look();
    [[nodiscard]] bool refuses() const { return refuses_.load(std::memory_order_relaxed); }
    /// Also what frees or protects is refused.
    [[nodiscard]] bool reserve_is_used_up() const {
        return reserve_is_used_up_.load(std::memory_order_relaxed);
    }

  private:
    const std::function<DiskSpace()> probe_;
    const std::uint64_t free_bytes_min_;
    const double free_share_min_;
    const Clock& clock_;
    std::int64_t probed_boot_us_;
    std::atomic<bool> refuses_{false};
    std::atomic<bool> reserve_is_used_up_{false};
};

/// Both, and whether the ledger may be written at all.
class Admission {
  public:
    Admission(const LedgerOptions& options, const Clock& clock, std::int64_t last_recorded_at_us)
        : is_read_only_(options.read_only),
          clock_rule_(clock, last_recorded_at_us, options.accept_clock),
          disk_rule_(options, clock) {}

    void look(std::int64_t last_recorded_at_us) {
        clock_rule_.look(last_recorded_at_us);
        disk_rule_.look();
    }
    /// Why this is not taken in, if it is new.
    [[nodiscard]] std::optional<Refused> closed(const Submission& submission) const;
    /// read_only, clock_refused, disk_low or ready.
    [[nodiscard]] WriterState state() const;
    [[nodiscard]] bool is_read_only() const { return is_read_only_; }
    [[nodiscard]] std::int64_t clock_behind_us() const { return clock_rule_.behind_us(); }

  private:
    const bool is_read_only_;
    ClockRule clock_rule_;
    DiskRule disk_rule_;
};

}  // namespace decklog::store
