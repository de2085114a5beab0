#include "store/writer/admission.hpp"

#include <algorithm>
#include <cstdlib>

#include "domain/limits.hpp"
#include "store/limits.hpp"

namespace decklog::store {

ClockRule::ClockRule(const Clock& clock, std::int64_t last_recorded_at_us, bool accept_clock)
    : clock_(clock), wall_minus_boot_us_(clock.now_us() - clock.boot_us()) {
    behind_us_ = std::max<std::int64_t>(0, last_recorded_at_us - clock.now_us());
    refuses_ = behind_us_ > domain::limits::kClockStepMicrosMax && !accept_clock;
}

void ClockRule::look(std::int64_t last_recorded_at_us) {
    const std::int64_t now_us = clock_.now_us();
    behind_us_.store(std::max<std::int64_t>(0, last_recorded_at_us - now_us),
                     std::memory_order_relaxed);
    const std::int64_t wall_minus_boot_us = now_us - clock_.boot_us();
    if (std::llabs(wall_minus_boot_us - wall_minus_boot_us_) >
        domain::limits::kClockStepMicrosMax) {
        refuses_.store(true, std::memory_order_relaxed);
    } else {
        wall_minus_boot_us_ = wall_minus_boot_us;
    }
}

DiskRule::DiskRule(const LedgerOptions& options, const Clock& clock)
    : probe_(options.disk_space),
      free_bytes_min_(options.disk_free_bytes_min),
      free_share_min_(options.disk_free_share_min),
      clock_(clock),
      probed_boot_us_(clock.boot_us() - limits::kDiskProbeEveryMicros) {
    look();
}

void DiskRule::look() {
    const std::int64_t boot_us = clock_.boot_us();
    if (!probe_ || free_bytes_min_ == 0 ||
        boot_us - probed_boot_us_ < limits::kDiskProbeEveryMicros)
        return;
    probed_boot_us_ = boot_us;
    const DiskSpace space = probe_();
    const auto share_min_bytes =
        static_cast<std::uint64_t>(free_share_min_ * static_cast<double>(space.total_bytes));
    const std::uint64_t wanted_bytes = std::max(free_bytes_min_, share_min_bytes);
    refuses_.store(space.free_bytes < wanted_bytes, std::memory_order_relaxed);
    reserve_is_used_up_.store(space.free_bytes < wanted_bytes / limits::kDiskReserveParts,
                              std::memory_order_relaxed);
}

std::optional<Refused> Admission::closed(const Submission& submission) const {
    if (is_read_only_) return Refused::read_only;
    if (clock_rule_.refuses()) return Refused::clock_refused;
    const bool is_low =
        submission.frees_or_protects ? disk_rule_.reserve_is_used_up() : disk_rule_.refuses();
    if (is_low) return Refused::disk_low;
    return std::nullopt;
}

WriterState Admission::state() const {
    if (is_read_only_) return WriterState::read_only;
    if (clock_rule_.refuses()) return WriterState::clock_refused;
    if (disk_rule_.refuses()) return WriterState::disk_low;
    return WriterState::ready;
}

}  // namespace decklog::store
