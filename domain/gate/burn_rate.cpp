#include "domain/gate/burn_rate.hpp"

namespace decklog::domain::gate {

double burn_rate(const WindowCounts& window, double budget) {
    if (window.units == 0) return 0;
    return static_cast<double>(window.errors) / static_cast<double>(window.units) / budget;
}

BurnAlert burn_alert(const BurnWindows& windows, double budget) {
    const auto burns = [budget](double factor, const WindowCounts& long_window,
                                const WindowCounts& short_window) {
        return burn_rate(long_window, budget) >= factor &&
               burn_rate(short_window, budget) >= factor;
    };
    if (burns(14.4, windows.one_hour, windows.five_minutes)) return BurnAlert::page;
    if (burns(6, windows.six_hours, windows.thirty_minutes)) return BurnAlert::page;
    return burns(1, windows.three_days, windows.six_hours) ? BurnAlert::ticket : BurnAlert::none;
}

std::string_view to_text(BurnAlert alert) {
    switch (alert) {
        case BurnAlert::none:
            return "none";
        case BurnAlert::ticket:
            return "ticket";
        case BurnAlert::page:
            return "page";
    }
    return "";
}

}  // namespace decklog::domain::gate
