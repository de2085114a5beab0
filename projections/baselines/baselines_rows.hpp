// The rows of the baselines view:
//
//   b level bucket   packed units: (stream, unit) -> how often     level: day, hour, minute
//   w, x, y          words and their numbers                       (counting/words.hpp)
//
// A stream is one action of one cohort on one platform. A day's row is the union of its hours, an
// hour's that of its minutes, so a long window reads few rows. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/event.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::baseline {

inline constexpr char kUnitCounts = 'b';

inline constexpr counting::Book kStreams = 0;  // cohort, action, platform
inline constexpr counting::Book kUnits =
    1;  // workspace, unit; or workspace, entity type, entity id

struct Stream {
    domain::Cohort cohort = domain::Cohort::none;
    std::string action;
    std::string platform;
    auto operator<=>(const Stream&) const = default;
};
void put_stream(std::string& out, domain::Cohort cohort, std::string_view action,
                std::string_view platform);
[[nodiscard]] Stream stream_in(std::string_view bytes);

}  // namespace decklog::projections::baseline
