// Burn rates of the error budget after full: how many times faster than allowed errors happen. A
// burn of 1 spends exactly the budget. The windows and factors are those of Google's SRE Workbook,
// chapter "Alerting on SLOs" (multiwindow, multi-burn-rate): the long window proves it, the short
// one that it still goes on.
//
//     page    14.4x over 1 hour  and 5 minutes
//     page     6x   over 6 hours and 30 minutes
//     ticket   1x   over 3 days  and 6 hours
#pragma once

#include <cstdint>
#include <string_view>

namespace decklog::domain::gate {

struct WindowCounts {
    std::uint64_t units = 0;
    std::uint64_t errors = 0;
    bool operator==(const WindowCounts&) const = default;
};

/// Counts of the windows that end now.
struct BurnWindows {
    WindowCounts five_minutes, thirty_minutes, one_hour, six_hours, three_days;
    bool operator==(const BurnWindows&) const = default;
};

enum class BurnAlert : std::uint8_t { none, ticket, page };

/// Error rate divided by the budget (the allowed rate, 0 < budget < 1); 0 without units.
[[nodiscard]] double burn_rate(const WindowCounts& window, double budget);

[[nodiscard]] BurnAlert burn_alert(const BurnWindows& windows, double budget);

/// `none`, `ticket`, `page`.
[[nodiscard]] std::string_view to_text(BurnAlert alert);

}  // namespace decklog::domain::gate
