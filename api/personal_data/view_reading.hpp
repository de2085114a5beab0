// What printing a folded view would open, counted before it is printed, and recorded. Blocks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/personal_data/reading.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

/// nullopt: the rows may be printed with their sealed parts opened, if `reader` may open any; what
/// that opens is in the log. Else why not: nothing opened may leave. `asked_for`: the parameters,
/// as the record keeps them. `still_wanted` false ends the counting; nobody reads what comes then.
[[nodiscard]] std::optional<domain::Rejection> record_view_reading(
    const Core& core, const PersonalReader& reader, const projections::View& view,
    const projections::Replayed& folded, const std::string& asked_for,
    const std::function<bool()>& still_wanted);

/// `view=rooms&from=0:3&to=0:12`.
[[nodiscard]] std::string asked_for(const projections::View& view,
                                    const projections::ReplayRange& range);

}  // namespace decklog::api
