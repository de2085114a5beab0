// The filters that `events` and `audit` share, as query parameters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

struct Filters {
    std::vector<std::string> types, actions, streams, conversations, actors, platforms;
    std::string from, to, since, until;

    void add_to(CLI::App& command);
    /// False when a relative time does not parse (exit code set).
    [[nodiscard]] bool append_to(Call& call, Session& session) const;
};

}  // namespace decklog::cli
