// A body written by long work on a blocking thread: verify, rebuild, the rows of a replay. The work
// hands over pieces and waits when it is kJobPiecesMax ahead of its reader; when the reader goes
// away the next piece is refused and the work ends. Nothing is lost and memory is bounded.
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/app.hpp"
#include "api/http.hpp"

namespace decklog::api {

/// Takes a piece; false: nobody reads any more, stop.
using PieceSink = std::function<bool(std::string piece)>;

/// `work` runs once, on a blocking thread, from the first time that a piece is asked for; the body
/// ends when it returns.
[[nodiscard]] std::shared_ptr<BodySource> job_source(const Core& core,
                                                     std::function<void(const PieceSink&)> work);

[[nodiscard]] Answer ndjson_answer(std::shared_ptr<BodySource> source);

}  // namespace decklog::api
