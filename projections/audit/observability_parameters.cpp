#include <algorithm>

#include "projections/audit/observability.hpp"
#include "projections/audit/observability_bounds.hpp"

namespace decklog::projections {
namespace {

using audit::Bounds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::int64_t clamped(std::optional<std::string_view> text, const Bounds& bounds) {
    if (!text) return bounds.otherwise;
    std::string_view digits = *text;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
        return bounds.otherwise;
    if (negative) return bounds.first;
    std::int64_t number = 0;
    for (const char digit : digits) number = std::min(bounds.last, number * 10 + (digit - '0'));
    return audit::clamp(number, bounds);
}

}  // namespace

std::int64_t clamp_window_hours(std::optional<std::string_view> text) {
    return clamped(text, audit::kWindowHours);
}
std::int64_t clamp_audit_limit(std::optional<std::string_view> text) {
    return clamped(text, audit::kAuditLimit);
}
std::int64_t clamp_error_limit(std::optional<std::string_view> text) {
    return clamped(text, audit::kErrorLimit);
}
std::int64_t clamp_signal_limit(std::optional<std::string_view> text) {
    return clamped(text, audit::kSignalLimit);
}

}  // namespace decklog::projections
