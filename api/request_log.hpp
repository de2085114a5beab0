// What remains of a request: one line in the log and one count, by route template. Never a path, a
// query, a body or a header. Thread-safe.
#pragma once

#include <cstddef>

#include "api/http.hpp"
#include "api/metrics.hpp"

namespace decklog::api {

struct RequestOutcome {
    int status = 0;
    double seconds = 0;
    std::size_t bytes_out = 0;
};

/// `route` null: nothing took the request.
void note_request(Metrics& metrics, const Route* route, const Request& request,
                  const RequestOutcome& outcome);

/// A handler threw. Texts of exceptions may quote what they were given, so only the type is told.
void note_exception(const Route* route, const Request& request, std::string_view type_name);

}  // namespace decklog::api
