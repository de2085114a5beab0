#include "store/raw_expiry.hpp"

#include <algorithm>

namespace decklog::store {
namespace {

constexpr std::int64_t kDayMicros = 86'400'000'000;

}  // namespace

std::optional<std::uint32_t> first_raw_day_kept(std::int64_t recorded_at_us, std::int64_t now_us,
                                                std::uint32_t raw_days) {
    const std::int64_t today = std::min(recorded_at_us, now_us) / kDayMicros;
    if (raw_days == 0 || today <= raw_days) return std::nullopt;
    return static_cast<std::uint32_t>(today - raw_days);
}

std::optional<std::uint32_t> first_raw_day_kept(const LogReader& ledger, std::int64_t now_us,
                                                std::uint32_t raw_days) {
    std::int64_t newest_us = 0;
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition)
        newest_us = std::max(newest_us, ledger.head(partition).recorded_at_us);
    return first_raw_day_kept(newest_us, now_us, raw_days);
}

domain::Result<std::size_t> RawExpiry::expire(std::uint32_t first_kept,
                                              std::atomic<bool>* cancelled) {
    auto destroyed = vault_.destroy_raw_keys(first_kept);
    if (!destroyed) return destroyed;
    if (*destroyed > 0 || cleaned_ != first_kept) {
        cleaned_.reset();
        if (auto clean = vault_.purge(cancelled); !clean)
            return tl::unexpected(std::move(clean).error());
        cleaned_ = first_kept;
    }
    const RawRange old = RawRange::before(first_kept);
    if (auto clean = ledger_.purge_raw(std::span(&old, 1), cancelled); !clean)
        return tl::unexpected(std::move(clean).error());
    return destroyed;
}

}  // namespace decklog::store
