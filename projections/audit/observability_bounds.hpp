// The ranges of the snapshot's parameters. Pure, any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace decklog::projections::audit {

struct Bounds {
    std::int64_t first, last, otherwise;
};
inline constexpr Bounds kWindowHours{1, 168, 24};
inline constexpr Bounds kAuditLimit{1, 200, 50};
inline constexpr Bounds kErrorLimit{1, 200, 25};
inline constexpr Bounds kSignalLimit{1, 100, 25};

[[nodiscard]] inline std::int64_t clamp(std::int64_t number, const Bounds& bounds) {
    return std::clamp(number, bounds.first, bounds.last);
}

}  // namespace decklog::projections::audit
