// What the commands of `decklog gate` share: an answer with a verdict, and its exit code.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

/// 0 promote, 2 hold, 3 rollback, 4 continue; 1 for anything else.
[[nodiscard]] int exit_code_of(std::string_view verdict);

/// The answer as an object, whatever is printed of it; nullopt: it failed, and that is said.
[[nodiscard]] std::optional<boost::json::object> ask_for_verdict(Session& session,
                                                                 const Call& call);

}  // namespace decklog::cli
