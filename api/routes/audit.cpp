// POST /api/audit: one action, an array of them, or NDJSON; GET /api/audit is in audit_query.cpp.
#include <utility>

#include "api/answers.hpp"
#include "api/routes/audit_query.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/audit_action.hpp"
#include "api/writes/line_filing.hpp"
#include "api/writes/taking_in.hpp"

namespace decklog::api {
namespace {

bool is_array(std::string_view body) {
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '[';
}

void take_array(const Core& core, const Request& request, const std::optional<std::string>& key,
                Reply reply) {
    const auto items = batch_items(request.body);
    if (!items) return reply(answer_of(items.error()));
    const WriteContext context = write_context(core, request);
    std::vector<CheckedWrite> writes;
    writes.reserve(items->size());
    for (const std::string_view item : *items)
        writes.push_back(audit_action(item, item_key(key, writes.size()), context));
    take_batch(core, kAuditSource, std::move(writes), std::move(reply));
}

void post_audit(const Core& core, const Request& request, Reply reply) {
    const auto key = idempotency_key(request);
    if (!key) return reply(answer_of(key.error()));
    if (is_array(request.body)) return take_array(core, request, *key, std::move(reply));
    take_one(core, kAuditSource, audit_action(request.body, *key, write_context(core, request)),
             std::move(reply));
}

/// A key that is no key refuses every line, with its own name.
std::unique_ptr<LineSink> post_audit_lines(const Core& core, const Request& request) {
    return line_filing(
        core, kAuditSource,
        [&core, key = idempotency_key(request), context = write_context(core, request)](
            std::string_view line, std::size_t index) mutable -> CheckedWrite {
            if (!key) return tl::unexpected(key.error());
            context.now_us = core.clock->now_us();  // a body may take hours to come in
            return audit_action(line, item_key(*key, index), context);
        });
}

}  // namespace

std::vector<Route> audit_routes(const Core& core) {
    Route post = write_route(core, "/api/audit", post_audit);
    post.handle_lines = [&core](Request request) { return post_audit_lines(core, request); };
    return {std::move(post), audit_query_route(core)};
}

}  // namespace decklog::api
