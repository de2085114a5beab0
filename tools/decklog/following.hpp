// Reads the live stream until interrupted: a server that restarts, a connection that breaks and a
// credential that is renewed with the server are waited for, and nothing is missed or given twice,
// since the stream tells its place.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

/// `live` asks for the stream; `place` is the cursor after which it begins, empty: from now on.
/// Returns when the stream is refused (exit code set) or the output cannot be written any more.
void follow(Session& session, std::unique_ptr<Backend> backend, Call live, std::string place,
            const std::function<void(std::string_view event)>& print);

}  // namespace decklog::cli
