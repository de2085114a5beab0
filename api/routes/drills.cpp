// What the operator's process tells of a rollout: POST /api/rollouts/{id}/commands and …/drills;
// and GET …/runs/{run}, the evidence from the log alone. The server runs no command itself.
#include <array>
#include <limits>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/rollouts/recorded_run.hpp"
#include "api/rollouts/rollout_writes.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/rollout/limits.hpp"

namespace decklog::api {
namespace {

using rollouts::put_receipt;
using rollouts::rollout_order;
using rollouts::submit;
using rollouts::writing;

// Each byte of a text may come as six, `\u001b`.
constexpr std::size_t kCommandBodyBytesMax = 3U << 20U;
constexpr std::size_t kDrillBodyBytesMax = 1U << 20U;

constexpr std::array<std::string_view, 9> kCommandFields{
    "run", "number", "words", "exitCode", "output", "cut", "startedAt", "endedAt", "operator"};
constexpr std::array<std::string_view, 12> kDrillFields{
    "run",     "kind",     "environment", "sha",       "passed",  "followUpOwner",
    "history", "revision", "snapshot",    "startedAt", "endedAt", "operator"};

/// Never taken for granted: a command that did not say how it ended has not ended well.
const boost::json::value* required(JsonFields& fields, std::string_view name) {
    const auto* value = fields.find(name);
    if (value == nullptr)
        fields.refuse({"missing_field", "this field is needed", std::string(name), {}});
    return value;
}

std::int32_t whole_number(JsonFields& fields, std::string_view name) {
    const auto* value = required(fields, name);
    if (value == nullptr) return 0;
    if (!value->is_int64() || value->get_int64() < 0 ||
        value->get_int64() > std::numeric_limits<std::int32_t>::max()) {
        fields.refuse({"invalid_type", "send a whole number", std::string(name), {}});
        return 0;
    }
    return static_cast<std::int32_t>(value->get_int64());
}

bool required_truth(JsonFields& fields, std::string_view name) {
    return required(fields, name) != nullptr && fields.truth(name);
}

std::vector<std::string> words_of(JsonFields& fields) {
    std::vector<std::string> words;
    const auto* value = required(fields, "words");
    if (value == nullptr) return words;
    const auto refuse = [&fields] {
        fields.refuse({"invalid_type", "send the command's words, a list of texts", "words", {}});
    };
    if (!value->is_array()) {
        refuse();
        return words;
    }
    for (const auto& word : value->get_array()) {
        if (!word.is_string()) {
            refuse();
            return words;
        }
        words.emplace_back(word.get_string().data(), word.get_string().size());
    }
    return words;
}

/// An object, as it was written.
std::string snapshot_of(JsonFields& fields) {
    const auto* value = fields.find("snapshot");
    if (value == nullptr) return {};
    if (!value->is_object()) {
        fields.refuse({"invalid_type", "send the excerpt, an object", "snapshot", {}});
        return {};
    }
    return on_one_line(fields.token("snapshot"));
}

Answer recorded(const Core& core, JsonWriter& json, const store::Answer& answer) {
    json.field("position", cursor_of(core, answer->last)).end_object();
    Answer said = json_answer(json.take(), 201);
    put_receipt(core, said, *answer);
    return said;
}

Answer record_command(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kCommandFields);
    if (!fields) return answer_of(fields.error());
    const std::string& id = request.captures.front();
    domain::RecordCommandRan command;
    command.order = rollout_order(core, request, id, fields->id("operator"));
    command.run = fields->required_name("run");
    command.number = static_cast<std::uint32_t>(whole_number(*fields, "number"));
    command.words = words_of(*fields);
    command.exit_code = whole_number(*fields, "exitCode");
    command.output = fields->text_or_none("output");
    command.is_cut = fields->truth("cut");
    command.started_at_us = fields->required_time("startedAt");
    command.ended_at_us = fields->required_time("endedAt");
    if (fields->refusal()) return answer_of(*fields->refusal());
    JsonWriter json;
    json.begin_object().field("rollout", id).field("run", command.run);
    json.key("number").number(command.number);
    const store::Answer answer = submit(core, request, std::move(command), request.body);
    return answer ? recorded(core, json, answer) : answer_of(answer.error());
}

Answer record_drill(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kDrillFields);
    if (!fields) return answer_of(fields.error());
    const std::string& id = request.captures.front();
    domain::RecordDrill command;
    command.order = rollout_order(core, request, id, fields->id("operator"));
    command.run = fields->required_name("run");
    command.kind = fields->text_or_none("kind");
    command.environment = fields->required_name("environment");
    command.sha = fields->name("sha");
    command.passed = required_truth(*fields, "passed");
    command.follow_up_owner = fields->text_or_none("followUpOwner");
    command.history = fields->text_or_none("history");
    command.revision = fields->name("revision");
    command.snapshot = snapshot_of(*fields);
    command.started_at_us = fields->required_time("startedAt");
    command.ended_at_us = fields->required_time("endedAt");
    if (fields->refusal()) return answer_of(*fields->refusal());
    JsonWriter json;
    json.begin_object().field("rollout", id).field("run", command.run).field("kind", command.kind);
    json.key("passed").boolean(command.passed);
    const store::Answer answer = submit(core, request, std::move(command), request.body);
    return answer ? recorded(core, json, answer) : answer_of(answer.error());
}

Answer show_run(const Core& core, const Request& request, Params& params) {
    params.allow({kWaitParams});
    if (params.refusal()) return answer_of(*params.refusal());
    const std::string& id = request.captures.at(0);
    const auto run = load_run(*core.ledger, id, request.captures.at(1));
    if (!run) return answer_of(run.error());
    if (!run->rollout.exists)
        return error_answer(404, "not_found", "there is no rollout with this id", "id");
    if (run->commands.empty())
        return error_answer(404, "not_found", "nothing of such a run was recorded here", "run");
    JsonWriter json;
    write_run(json, core, id, *run);
    return json_answer(json.take());
}

}  // namespace

std::vector<Route> drill_routes(const Core& core) {
    std::vector<Route> routes;
    routes.push_back(
        writing(core, "/api/rollouts/{id}/commands", kCommandBodyBytesMax, record_command));
    routes.push_back(writing(core, "/api/rollouts/{id}/drills", kDrillBodyBytesMax, record_drill));
    Route run;
    run.path = "/api/rollouts/{id}/runs/{run}";
    run.access = Access::viewer;
    run.takes_query = true;
    run.handle = asking(core, AnswersFrom::log, [&core](const Request& request, Params& params) {
        return show_run(core, request, params);
    });
    routes.push_back(std::move(run));
    return routes;
}

}  // namespace decklog::api
