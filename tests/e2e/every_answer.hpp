// What the server answers to every GET of its own description, for those who search the answers. A
// route that nobody asks here fails the test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/traffic.hpp"

namespace decklog::e2e {

/// Of every view of this release.
[[nodiscard]] std::vector<std::string> view_names();

/// A rollout with one run, so that there is one to ask about.
void add_a_rollout(const Door& admin);

/// Bodies by the path of the description (`/api/rooms/{id}`), for each thing that a list names. The
/// live stream is followed from the start of the log to where it stood at the call. Reads personal
/// data in bulk, so it adds an event. Fails the test where a question is not answered 200.
[[nodiscard]] std::map<std::string, std::string> every_answer(const Door& admin);

}  // namespace decklog::e2e
