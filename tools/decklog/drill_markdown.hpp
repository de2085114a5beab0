// The evidence of a drill as a document, from the answer about its run alone, so that whoever asks
// the log again gets the same bytes. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace decklog::cli {

/// `run`: GET /api/rollouts/{id}/runs/{run}, of a run that has a drill.
[[nodiscard]] std::string drill_markdown(const boost::json::object& run);

}  // namespace decklog::cli
