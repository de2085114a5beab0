// Long work answers in NDJSON: progress lines `{"done", "total"}`, then one result line `{"ok",
// …}`.
#pragma once

#include <string>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

/// Shows progress and prints the result, as JSON or as `name  value` lines; exit code 1 when it is
/// not ok.
void run_long_work(Session& session, Backend& backend, const Call& call, const std::string& what);

}  // namespace decklog::cli
