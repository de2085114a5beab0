// POST /api/events: CloudEvents 1.0. The content type says the mode: an event or a batch of them in
// JSON, else the attributes are headers and the body is the data.
#include <utility>

#include "api/answers.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/cloud_event.hpp"
#include "api/writes/taking_in.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kStructured = "application/cloudevents+json";
constexpr std::string_view kBatch = "application/cloudevents-batch+json";
constexpr std::string_view kJson = "application/json";

CheckedWrite checked(const domain::Decision<CloudEvent>& event, const WriteContext& context) {
    if (!event) return tl::unexpected(event.error());
    return cloud_event_write(*event, context);
}

void take_cloud_batch(const Core& core, const Request& request, Reply reply) {
    const auto items = batch_items(request.body);
    if (!items) return reply(answer_of(items.error()));
    const WriteContext context = write_context(core, request);
    std::vector<CheckedWrite> writes;
    writes.reserve(items->size());
    for (const std::string_view item : *items)
        writes.push_back(checked(structured_cloud_event(item), context));
    take_batch(core, kEventsSource, std::move(writes), std::move(reply));
}

void post_events(const Core& core, const Request& request, Reply reply) {
    if (request.content_type == kBatch) return take_cloud_batch(core, request, std::move(reply));
    const WriteContext context = write_context(core, request);
    if (request.content_type == kStructured) {
        take_one(core, kEventsSource, checked(structured_cloud_event(request.body), context),
                 std::move(reply));
    } else if (request.content_type == kJson || request.content_type.empty()) {
        take_one(core, kEventsSource, checked(binary_cloud_event(request), context),
                 std::move(reply));
    } else {
        reply(answer_of(
            domain::Rejection{"unsupported_media_type",
                              "send a CloudEvent, a batch of them, or ce- headers with JSON data",
                              "Content-Type",
                              {}}));
    }
}

}  // namespace

std::vector<Route> event_routes(const Core& core) {
    return {write_route(core, "/api/events", post_events)};
}

}  // namespace decklog::api
