// The release after this one, for the tests of rolling upgrades: it knows one level more of the log
// and, at that level, one event type of the chat family that this release has never heard of, with
// a route that writes it. Linked before the libraries, in place of domain/registry.cpp and
// api/routes/level.cpp; all else is this release's own object code. A log that it begins itself is
// at the level of this release. Never installed.
#include "domain/fact.hpp"
#include "domain/payload.hpp"

// What those two files say, under other names.
#define all_types types_of_the_release
#define known_log_level level_of_the_release
#include "domain/registry.cpp"
#undef all_types
#undef known_log_level

namespace decklog::domain {
namespace {

constexpr auto kThreadOpened = static_cast<EventType>(0x030F);
const std::uint32_t kNextLevel = level_of_the_release() + 1;

std::vector<TypeInfo> next_types() {
    const auto known = types_of_the_release();
    std::vector<TypeInfo> types(known.begin(), known.end());
    types.push_back(
        {kThreadOpened, "ThreadOpened", "thread_opened", 1, Writer::ours, kNotAudited, kNextLevel});
    std::sort(types.begin(), types.end(),
              [](const TypeInfo& left, const TypeInfo& right) { return left.type < right.type; });
    return types;
}

}  // namespace

std::uint32_t known_log_level() { return kNextLevel; }

std::span<const TypeInfo> all_types() {
    static const std::vector<TypeInfo> kNextTypes = next_types();
    return kNextTypes;
}

}  // namespace decklog::domain

#define level_routes level_routes_of_the_release
#include "api/routes/level.cpp"
#undef level_routes

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 1> kThreadFields{"id"};

domain::NewEvent thread_opened(const Core& core, const Request& request, const std::string& id) {
    fb::CommandNotedT payload;
    payload.command = "open_thread";
    domain::NewEvent event;
    event.type = domain::kThreadOpened;
    event.stream = "thread/" + id;
    event.occurred_at_us = core.clock->now_us();
    event.actor = {"system", "decklog"};
    event.recorded_by = request.principal.id;
    event.platform = "roomies";
    event.conversation = id;
    event.payload = domain::encode_payload(payload);
    return event;
}

void open_thread(const Core& core, const Request& request, const Reply& reply) {
    auto fields = JsonFields::read_order(request.body, kThreadFields);
    if (!fields) return reply(answer_of(fields.error()));
    std::vector<store::Submission> submissions(1);
    submissions.front().intent =
        domain::fact("open_thread", thread_opened(core, request, fields->required_name("id")));
    core.ledger->submit(kPartition, std::move(submissions),
                        [reply](const std::vector<store::Answer>& answers) {
                            if (!answers.front()) return reply(answer_of(answers.front().error()));
                            reply(json_answer("{}"));
                        });
}

}  // namespace

std::vector<Route> level_routes(const Core& core) {
    std::vector<Route> routes = level_routes_of_the_release(core);
    Route& post = routes.emplace_back();
    post.method = Method::post;
    post.path = "/api/next/threads";
    post.access = Access::admin;
    post.body_bytes_max = kBodyBytesMax;
    post.writes_log = true;
    post.handle = [&core](const Request& request, const Reply& reply) {
        open_thread(core, request, reply);
    };
    return routes;
}

}  // namespace decklog::api
