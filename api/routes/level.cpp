// /api/admin/level: which event types the log may hold, and raising it once every node runs the new
// build.
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_commands.hpp"
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
constexpr std::array<std::string_view, 1> kFields{"level"};

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

domain::Decision<std::uint32_t> read_level(std::string_view body) {
    auto fields = JsonFields::read_order(body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    const boost::json::value* value = fields->find("level");
    if (value == nullptr) return domain::reject("missing_field", "this field is needed", "level");
    if (!value->is_int64() || value->get_int64() < 1 ||
        value->get_int64() > std::numeric_limits<std::uint32_t>::max()) {
        return domain::reject("invalid_type", "send the level, a whole number from 1", "level");
    }
    return static_cast<std::uint32_t>(value->get_int64());
}

void raise_level(const Core& core, const Request& request, Reply reply) {
    const auto level = read_level(request.body);
    if (!level) return reply(answer_of(level.error()));
    domain::TokenOrder order = order_of(core, request);
    domain::RaiseLevel command;
    command.level = *level;
    command.known_level = domain::known_log_level();
    command.stream = "ledger/" + std::to_string(kPartition);
    command.actor = std::move(order.actor);
    command.recorded_by = std::move(order.recorded_by);
    command.now_us = order.now_us;
    command.trace_id = order.trace_id;
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::raise_level(std::move(command));
    core.ledger->submit(kPartition, std::move(submissions),
                        [&core, level = *level,
                         reply = std::move(reply)](const std::vector<store::Answer>& answers) {
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
        raise_level(core, request, std::move(reply));
    };
    return {std::move(get), std::move(post)};
}

}  // namespace decklog::api
