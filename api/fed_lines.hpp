// A body that is here as a whole, given to a route that reads lines: what a session does with a
// body that comes in over a socket, for requests of this process itself.
#pragma once

#include <memory>
#include <string>

#include "api/http.hpp"

namespace decklog::api {

void feed_lines(std::unique_ptr<LineSink> sink, std::string body, Reply reply);

}  // namespace decklog::api
