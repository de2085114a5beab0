// /api/admin/level: which event types the log may hold, and raising it once every node runs the new
// build.
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_commands.hpp"
#include "api/cluster/peer_levels.hpp"
#include "api/queries/asking.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/ledger/level.hpp"
#include "store/log_state.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 4 * 1024;
constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kPositionHeader = "Decklog-Position";
constexpr std::array<std::string_view, 2> kFields{"level", "force"};

Answer level_answer(const Core& core, Params& params) {
    params.allow({kWaitParams});
    if (params.refusal()) return answer_of(*params.refusal());
    const auto level = store::log_level(*core.ledger, kPartition);
    if (!level) return answer_of(level.error());
    JsonWriter json;
    json.begin_object().key("level").number(*level);
    json.key("highestKnown").number(domain::known_log_level());
    write_as_of(json, core, core.ledger->head(kPartition).next_ordinal);
    json.end_object();
    return json_answer(json.take());
}

struct Order {
    std::uint32_t level = 0;
    bool is_forced = false;  // whatever the other nodes know
};

domain::Decision<Order> read_order(std::string_view body) {
    auto fields = JsonFields::read_order(body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    const boost::json::value* value = fields->find("level");
    if (value == nullptr) return domain::reject("missing_field", "this field is needed", "level");
    if (!value->is_int64() || value->get_int64() < 1 ||
        value->get_int64() > std::numeric_limits<std::uint32_t>::max()) {
        return domain::reject("invalid_type", "send the level, a whole number from 1", "level");
    }
    const Order order{static_cast<std::uint32_t>(value->get_int64()), fields->truth("force")};
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    return order;
}

void raise_level(const Core& core, const Request& request, std::uint32_t level, Reply reply) {
    domain::TokenOrder order = order_of(core, request);
    domain::RaiseLevel command;
    command.level = level;
    command.known_level = domain::known_log_level();
    command.stream = "ledger/" + std::to_string(kPartition);
    command.actor = std::move(order.actor);
    command.recorded_by = std::move(order.recorded_by);
    command.now_us = order.now_us;
    command.trace_id = order.trace_id;
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::raise_level(std::move(command));
    core.ledger->submit(
        kPartition, std::move(submissions),
        [&core, level, reply = std::move(reply)](const std::vector<store::Answer>& answers) {
            const store::Answer& only = answers.front();
            if (!only) return reply(answer_of(only.error()));
            const std::string cursor = cursor_of(core, only->last);
            JsonWriter json;
            json.begin_object().key("level").number(level);
            json.key("raised").boolean(only->outcome == store::Outcome::accepted);
            json.field("position", cursor).end_object();
            Answer answer = json_answer(json.take());
            answer.headers.emplace_back(kPositionHeader, cursor);
            reply(std::move(answer));
        });
}

/// Of a build that does not know the level itself, the log's own refusal says more.
void take_order(const Core& core, const Request& request, Reply reply) {
    const auto order = read_order(request.body);
    if (!order) return reply(answer_of(order.error()));
    const bool asks_peers =
        core.peers != nullptr && !order->is_forced && order->level <= domain::known_log_level();
    if (asks_peers) {
        if (auto refusal = refusal_of_peers(*core.peers, order->level, request))
            return reply(*std::move(refusal));
    }
    raise_level(core, request, order->level, std::move(reply));
}

}  // namespace

std::vector<Route> level_routes(const Core& core) {
    Route get;
    get.path = "/api/admin/level";
    get.access = Access::admin;
    get.takes_query = true;
    get.handle = asking(core, AnswersFrom::log, [&core](const Request&, Params& params) {
        return level_answer(core, params);
    });
    Route post;
    post.method = Method::post;
    post.path = "/api/admin/level";
    post.access = Access::admin;
    post.body_bytes_max = kBodyBytesMax;
    post.writes_log = true;
    post.handle = [&core](Request request, Reply reply) {
        core.run_blocking([&core, request = std::move(request), reply = std::move(reply)] {
            take_order(core, request, reply);
        });
    };
    return {std::move(get), std::move(post)};
}

}  // namespace decklog::api
