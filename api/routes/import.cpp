// POST /api/import: lines of an export or of any CloudEvents producer, in as outside events.
#include <utility>

#include "api/routes/routes.hpp"
#include "api/writes/cloud_event.hpp"
#include "api/writes/imported_line.hpp"
#include "api/writes/line_filing.hpp"
#include "api/writes/taking_in.hpp"

namespace decklog::api {
namespace {

void post_line(const Core& core, const Request& request, Reply reply) {
    take_one(core, kEventsSource,
             imported_line(request.body, write_context(core, request), *core.ledger),
             std::move(reply));
}

std::unique_ptr<LineSink> post_lines(const Core& core, const Request& request) {
    return line_filing(core, kEventsSource,
                       [&core, context = write_context(core, request)](
                           std::string_view line, std::size_t) mutable -> CheckedWrite {
                           context.now_us = core.clock->now_us();  // a body may take hours
                           return imported_line(line, context, *core.ledger);
                       });
}

}  // namespace

std::vector<Route> import_routes(const Core& core) {
    Route post = write_route(core, "/api/import", post_line);
    post.handle_lines = [&core](Request request) { return post_lines(core, request); };
    return {std::move(post)};
}

}  // namespace decklog::api
