// Holds a line of an export to the event in its frame: whoever reads the file reads the line, and
// what comes back is the frame. Pure but for its scratch; any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/event.hpp"

namespace decklog::api {

/// The dotted name of the first member that says something else than the event does; empty: none.
/// Not looked at: `position` and `frame`, which are checked otherwise; what is sealed in the event,
/// since its key may be elsewhere; members that this release does not write, and those that the
/// line leaves out. Numbers are compared as numbers, since a tool may have written them anew.
[[nodiscard]] std::string contradiction(std::string_view line, const domain::EventView& event);

}  // namespace decklog::api
