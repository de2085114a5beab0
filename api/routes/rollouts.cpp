// /api/rollouts: begin a rollout, move it through its stages, tell it of gates, have it judged, and
// ask where it stands. A check answers once its verdict is in the log.
#include <array>
#include <thread>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/authorise.hpp"
#include "api/gate/policy_file.hpp"
#include "api/gate/report_json.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/snapshots.hpp"
#include "api/rollouts/required_platforms.hpp"
#include "api/rollouts/rollout_json.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "api/rollouts/rollout_writes.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/gate/profiles.hpp"
#include "domain/limits.hpp"
#include "domain/text.hpp"
#include "domain/time_text.hpp"
#include "projections/rollouts/rollouts_query.hpp"
#include "store/fork/hold.hpp"

namespace decklog::api {
namespace {

using domain::Rollout;
using domain::RolloutStage;
using rollouts::put_receipt;
using rollouts::rollout_order;
using rollouts::submit;
using rollouts::writing;

constexpr std::size_t kBodyBytesMax = kPolicyBytesMax + 16 * 1024;
constexpr std::size_t kSmallBodyBytesMax = 16 * 1024;
constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kPositionHeader = "Decklog-Position";
constexpr std::string_view kRolloutsView = "rollouts";
constexpr std::chrono::milliseconds kLook{2};
constexpr std::chrono::seconds kVerdictPatience{10};

constexpr std::array<std::string_view, 5> kCreateFields{"id", "service", "release",
                                                        "baselineRelease", "policy"};
constexpr std::array<std::string_view, 2> kStageFields{"stage", "weight"};
constexpr std::array<std::string_view, 4> kGateFields{"name", "status", "release", "evidence"};
constexpr std::array<std::string_view, 3> kOverrideFields{"reason", "expiresAt", "operator"};
constexpr std::array<std::string_view, 2> kListParams{"limit", "cursor"};
constexpr std::array<std::string_view, 1> kCohortParams{"unit"};

Answer not_found() {
    return error_answer(404, "not_found", "there is no rollout with this id", "id");
}

Answer verdict_answer(const Core& core, const std::string& id, const Rollout::State& state) {
    JsonWriter json;
    write_verdict(json, core, id, state);
    Answer answer = json_answer(json.take());
    if (state.is_judged) {
        answer.headers.emplace_back(kPositionHeader,
                                    cursor_of(core, {kPartition, state.verdict->ordinal}));
    }
    return answer;
}

/// The rollout as it stood behind a command, whatever came since: a repeat is answered the same.
Answer after(const Core& core, const std::string& id, const store::Answer& answer, int status,
             std::vector<domain::gate::MissingPlatform> missing = {}) {
    if (!answer) return answer_of(answer.error());
    const auto state = load_rollout(*core.ledger, id, answer->last.ordinal);
    if (!state) return answer_of(state.error());
    JsonWriter json;
    write_rollout(json, core, id, *state, {cursor_of(core, answer->last), std::move(missing)});
    Answer whole = json_answer(json.take(), status);
    put_receipt(core, whole, *answer);
    return whole;
}

// ---- create

domain::Decision<domain::gate::Policy> policy_of(JsonFields& fields) {
    const boost::json::value* value = fields.find("policy");
    if (value == nullptr || value->is_null()) return domain::gate::default_policy();
    if (!value->is_string()) {
        return domain::reject("invalid_type", "a policy is the text of a TOML document", "policy");
    }
    const std::string text(value->get_string());
    if (const auto profile = domain::gate::find_profile(text)) return *profile;
    return parse_policy(text);
}

Answer create(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kCreateFields);
    if (!fields) return answer_of(fields.error());
    domain::CreateRollout command;
    const std::string id = fields->required_name("id");
    command.service = fields->required_name("service");
    command.release = fields->required_name("release");
    command.baseline_release = fields->required_name("baselineRelease");
    if (fields->refusal()) return answer_of(*fields->refusal());
    auto policy = policy_of(*fields);
    if (!policy) return answer_of(policy.error());
    command.order = rollout_order(core, request, id);
    command.policy = *std::move(policy);
    command.policy_hash = policy_hash(command.policy);
    core.random->fill(command.salt);
    const domain::gate::Policy rules = command.policy;
    const auto made = submit(core, request, std::move(command), request.body);
    // A platform that is missing now rolls it back a moment later. A held copy misses none.
    std::vector<domain::gate::MissingPlatform> missing;
    if (made && !core.hold->is_held())
        missing = missing_platforms_now(core, rules).value_or(std::move(missing));
    return after(core, id, made, 201, std::move(missing));
}

// ---- stage, gates, override

domain::Decision<std::optional<double>> weight_of(JsonFields& fields) {
    const boost::json::value* value = fields.find("weight");
    if (value == nullptr || value->is_null()) return std::optional<double>{};
    if (!value->is_number()) return domain::reject("invalid_type", "send a percentage", "weight");
    return std::optional(value->to_number<double>());
}

Answer change_stage(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kStageFields);
    if (!fields) return answer_of(fields.error());
    const std::string stage = fields->text_or_none("stage");
    if (fields->refusal()) return answer_of(*fields->refusal());
    const auto wanted = domain::rollout_stage_from_text(stage);
    if (!wanted || *wanted == RolloutStage::completed) {
        return error_answer(400, "invalid_stage",
                            "the stage is canary, full, rolled_back or aborted", "stage");
    }
    const auto weight = weight_of(*fields);
    if (!weight) return answer_of(weight.error());
    const std::string& id = request.captures.front();
    domain::ChangeStage command{rollout_order(core, request, id), *wanted, *weight, {}};
    // A way back is open whatever is missing.
    if (!domain::is_finished(*wanted)) {
        const auto state = load_rollout(*core.ledger, id);
        if (!state) return answer_of(state.error());
        auto missing = missing_platforms_now(core, state->policy);
        if (!missing) return answer_of(missing.error());
        command.missing_platforms = *std::move(missing);
    }
    return after(core, id, submit(core, request, std::move(command), request.body), 200);
}

Answer record_gate(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kGateFields);
    if (!fields) return answer_of(fields.error());
    const std::string& id = request.captures.front();
    domain::RecordGate command;
    command.order = rollout_order(core, request, id);
    command.name = fields->required_name("name");
    const bool is_of_another =
        request.principal.gate && !command.name.empty() && command.name != *request.principal.gate;
    if (is_of_another) return other_gate_answer(request.principal);
    const std::string status = fields->text_or_none("status");
    command.release = fields->name("release");
    command.evidence = fields->text_or_none("evidence");
    if (fields->refusal()) return answer_of(*fields->refusal());
    if (status != "passed" && status != "failed")
        return error_answer(400, "invalid_status", "the status is passed or failed", "status");
    command.passed = status == "passed";
    return after(core, id, submit(core, request, std::move(command), request.body), 201);
}

Answer override_rollout(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kOverrideFields);
    if (!fields) return answer_of(fields.error());
    const std::string& id = request.captures.front();
    domain::OverrideRollout command;
    command.order = rollout_order(core, request, id, fields->id("operator"));
    command.reason = fields->text_or_none("reason");
    command.expires_at_us = fields->required_time("expiresAt");
    if (fields->refusal()) return answer_of(*fields->refusal());
    return after(core, id, submit(core, request, std::move(command), request.body), 201);
}

// ---- check

/// As the rollout stood when the check of that seal was judged, or passed over by a change of
/// stage; the check is open in what is returned: neither has happened yet.
domain::Result<Rollout::State> load_behind(const store::LogReader& log, const std::string& id,
                                           std::uint64_t seal_ordinal) {
    Rollout::State state;
    bool is_behind = false;
    const auto read =
        for_each_rollout_event(log, id, std::nullopt, [&](const domain::EventView& event) {
            if (is_behind) return;
            state = Rollout::evolve(std::move(state), event);
            is_behind = event.position().ordinal > seal_ordinal && !state.open_check;
        });
    if (!read) return tl::unexpected(read.error());
    return state;
}

/// Until the reactor has reached the verdict of the check of that seal; of every one without it.
domain::Result<Rollout::State> judged(const Core& core, const std::string& id,
                                      std::optional<std::uint64_t> seal_ordinal) {
    const auto until = std::chrono::steady_clock::now() + kVerdictPatience;
    while (true) {
        auto state = seal_ordinal ? load_behind(*core.ledger, id, *seal_ordinal)
                                  : load_rollout(*core.ledger, id);
        if (!state || !state->open_check) return state;
        if (std::chrono::steady_clock::now() > until || core.draining()) {
            return domain::fail(domain::ErrorCode::stopped,
                                "the verdict is not reached yet; ask again", true);
        }
        std::this_thread::sleep_for(kLook);
    }
}

Answer check(const Core& core, const Request& request) {
    if (!request.body.empty()) {
        const auto fields = JsonFields::read_order(request.body, {});
        if (!fields) return answer_of(fields.error());
    }
    const std::string& id = request.captures.front();
    const auto before = load_rollout(*core.ledger, id);
    if (!before) return answer_of(before.error());
    if (!before->exists) return not_found();
    const bool stands = domain::is_finished(before->stage) || before->watch.settled;
    // Under a key this may be the repeat of a check whose verdict is not the last one any more.
    const bool has_key = rollouts::has_key(request);
    std::optional<store::Receipt> receipt;
    if (has_key || (!stands && !before->open_check)) {
        domain::SealCheck command{rollout_order(core, request, id), "asked"};
        const store::Answer sealed = submit(core, request, std::move(command), "{}");
        // Somebody else sealed, or settled it, in between: their verdict is as good.
        const bool is_met = !sealed && (sealed.error().rejection.code == "check_open" ||
                                        sealed.error().rejection.code == "verdict_stands" ||
                                        sealed.error().rejection.code == "rollout_finished");
        if (!sealed && !is_met) return answer_of(sealed.error());
        if (sealed) receipt = *sealed;
    }
    const auto state =
        judged(core, id, receipt ? std::optional(receipt->last.ordinal) : std::nullopt);
    if (!state) return answer_of(state.error());
    Answer answer = verdict_answer(core, id, *state);
    if (receipt && receipt->outcome == store::Outcome::repeated)
        answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
}

// ---- questions

Answer show(const Core& core, const Request& request, Params& params) {
    params.allow({kWaitParams});
    if (params.refusal()) return answer_of(*params.refusal());
    const std::string& id = request.captures.front();
    const auto state = load_rollout(*core.ledger, id);
    if (!state) return answer_of(state.error());
    if (!state->exists) return not_found();
    JsonWriter json;
    write_rollout(json, core, id, *state);
    return json_answer(json.take());
}

Answer show_cohort(const Core& core, const Request& request, Params& params) {
    params.allow({kCohortParams});
    const std::string unit = params.text("unit").value_or(std::string());
    if (params.refusal()) return answer_of(*params.refusal());
    if (!domain::is_outside_id(unit)) {
        return error_answer(400, "invalid_unit",
                            "a unit is 1-200 bytes of UTF-8 without control characters", "unit",
                            domain::limits::kOutsideIdBytesMax);
    }
    const std::string& id = request.captures.front();
    const auto state = load_rollout(*core.ledger, id);
    if (!state) return answer_of(state.error());
    if (!state->exists) return not_found();
    JsonWriter json;
    json.begin_object()
        .field("rollout", id)
        .field("unit", unit)
        .field("cohort", cohort_of(*state, unit))
        .field("stage", domain::to_text(state->stage));
    json.key("weight").raw(json_number(state->weight));
    return json_answer(json.end_object().take());
}

void write_summary(JsonWriter& json, const projections::RolloutSummary& each,
                   const Standing& standing) {
    json.begin_object()
        .field("id", each.id)
        .field("service", each.row.service)
        .field("release", each.row.release)
        .field("baselineRelease", each.row.baseline_release)
        .field("stage", domain::to_text(each.row.stage));
    json.key("weight").raw(json_number(each.row.weight_millis / 1'000.0));
    json.key("checks").number(each.row.checks);
    json.field("verdict", standing.verdict)
        .field("reason", standing.reason)
        .field_if_any("subject", standing.subject);
    json.key("open").boolean(each.is_open).end_object();
}

Answer list(const Core& core, const Request&, Params& params) {
    params.allow({kListParams, kWaitParams});
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const std::string after_id = params.text("cursor").value_or(std::string());
    if (params.refusal()) return answer_of(*params.refusal());
    const auto view = core.engine->snapshot(kRolloutsView);
    if (!view) return answer_of(view.error());
    auto found = projections::rollouts(*view->rows, kRolloutWorkspace, after_id, limit + 1);
    const bool has_more = found.size() > limit;
    if (has_more) found.pop_back();
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    for (const auto& each : found) {
        // Of the same moment as the row: the list and the rollout itself say the same.
        const auto state = load_rollout(*core.ledger, each.id, view->next_ordinal - 1);
        if (!state) return answer_of(state.error());
        write_summary(json, each, standing_of(*state));
    }
    json.end_array().key("next");
    has_more ? json.text(found.back().id) : json.null();
    write_reflected(json, core, *view);
    return json_answer(json.end_object().take());
}

// ---- the routes

using Ask = Answer (*)(const Core&, const Request&, Params&);

Route question(const Core& core, std::string path, Access access, AnswersFrom from, Ask ask) {
    Route route;
    route.path = std::move(path);
    route.access = access;
    route.takes_query = true;
    route.handle = asking(core, from, [&core, ask](const Request& request, Params& params) {
        return ask(core, request, params);
    });
    return route;
}

}  // namespace

std::vector<Route> rollout_routes(const Core& core) {
    std::vector<Route> routes;
    routes.push_back(writing(core, "/api/rollouts", kBodyBytesMax, create));
    routes.push_back(writing(core, "/api/rollouts/{id}/stage", kSmallBodyBytesMax, change_stage));
    routes.push_back(writing(core, "/api/rollouts/{id}/gates", kSmallBodyBytesMax, record_gate));
    routes.back().access = Access::gate;
    routes.push_back(
        writing(core, "/api/rollouts/{id}/override", kSmallBodyBytesMax, override_rollout));
    routes.push_back(writing(core, "/api/rollouts/{id}/check", kSmallBodyBytesMax, check));
    routes.back().body_optional = true;
    routes.push_back(
        question(core, "/api/rollouts", Access::viewer, AnswersFrom{kRolloutsView}, list));
    routes.push_back(question(core, "/api/rollouts/{id}", Access::viewer, AnswersFrom::log, show));
    routes.push_back(
        question(core, "/api/rollouts/{id}/cohort", Access::ingest, AnswersFrom::log, show_cohort));
    return routes;
}

}  // namespace decklog::api
