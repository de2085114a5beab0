// An NDJSON body on its way in: every group of lines is one submission and one fsync, the next
// group is asked for when the one before it is durable, and the answer covers all. After a failure
// of the ledger nothing more is taken; the same body sent again with the same ids goes on where it
// broke off. Called on io, blocking and writer threads, one at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/writes/write.hpp"

namespace decklog::api {

/// Checks one line; `index` counts the lines that hold something, from 0.
using LineCheck = std::function<CheckedWrite(std::string_view line, std::size_t index)>;

[[nodiscard]] std::unique_ptr<LineSink> line_filing(const Core& core, std::string_view source,
                                                    LineCheck check);

}  // namespace decklog::api
