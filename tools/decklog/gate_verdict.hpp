// What the commands of `decklog gate` share: an answer with a verdict, and its exit code.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

/// 0 promote, 2 hold, 3 rollback, 4 continue; 1 for anything else.
[[nodiscard]] int exit_code_of(std::string_view verdict);

/// An answer as an object, and as it came: what --json prints, numbers as the server wrote them.
struct Told {
    boost::json::object object;
    std::string text;
};

/// Nothing is printed of it. nullopt: it failed, and that is said.
[[nodiscard]] std::optional<Told> ask_for_verdict(Session& session, const Call& call);

}  // namespace decklog::cli
