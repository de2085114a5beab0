// What `rebuild` and `parked retry` share: the views there are, and how a rebuild's result is
// shown.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace decklog::cli {

/// Of this build, each once.
[[nodiscard]] std::vector<std::string> view_names();

/// Differences, keys and where the view stands, on standard output.
void print_rebuilt(const boost::json::object& result);

}  // namespace decklog::cli
