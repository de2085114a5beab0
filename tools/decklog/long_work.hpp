// Long work answers in NDJSON: progress lines `{"done", "total"}`, then one result line `{"ok",
// …}`.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

/// Shows progress and prints the result, as JSON, with `print`, or as `name  value` lines; exit
/// code 1 when it is not ok.
void run_long_work(Session& session, Backend& backend, const Call& call, const std::string& what,
                   const std::function<void(const boost::json::object&)>& print = {});

}  // namespace decklog::cli
