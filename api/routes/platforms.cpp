// /api/admin/platform-accounts, -policies and -health: the accounts that services use on their
// platforms, what they may do, how they are. Credentials come in and go out as references; the
// server never resolves them.
#include <algorithm>
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_commands.hpp"
#include "api/config.hpp"
#include "api/json_writer.hpp"
#include "api/platforms/account_fields.hpp"
#include "api/platforms/account_json.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/snapshots.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/keyed_order.hpp"
#include "domain/account/account.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"
#include "domain/time_text.hpp"
#include "projections/audit/observability.hpp"
#include "projections/platforms/platforms_query.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

using projections::AccountInfo;

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::uint32_t kPartition = 0;
constexpr std::size_t kAccountsMax = 1'000;  // in one answer
constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kHealthHours = 24;
constexpr std::string_view kSource = "api/admin/platform-accounts";
constexpr std::array<std::string_view, 1> kPolicyParams{"windowHours"};
constexpr std::array<std::string_view, 2> kListParams{"limit", "cursor"};

// ---- commands and their answers

domain::AccountOrder account_order(const Core& core, const Request& request) {
    return {order_of(core, request), core.config->services.default_send_mode};
}

/// The account as it stood after the event at `last`: what a repeat is told again.
domain::Result<AccountInfo> account_at(const Core& core, std::string_view id,
                                       domain::Position last) {
    AccountInfo account{std::string(id), {}};
    store::IndexKey key;
    key.kind = store::IndexKey::Kind::stream;
    key.text = domain::account_stream(id);
    domain::Result<void> read;
    auto scanned = core.ledger->scan(
        kPartition, key, store::Order::ascending, std::nullopt, [&](domain::Position position) {
            if (last < position) return false;
            const auto frame = core.ledger->frame_at(position);
            if (!frame) {
                read = tl::unexpected(frame.error());
                return false;
            }
            const auto event = (*frame)->event(position.ordinal - (*frame)->first().ordinal);
            if (event.stream() == key.text) {
                account.state = domain::PlatformAccount::evolve(std::move(account.state), event);
            }
            return true;
        });
    if (!scanned) return tl::unexpected(scanned.error());
    if (!read) return tl::unexpected(read.error());
    return account;
}

Answer account_answer(const Core& core, std::string_view id, const store::Receipt& receipt,
                      int status) {
    const auto account = account_at(core, id, receipt.last);
    if (!account) return answer_of(account.error());
    const std::string cursor = cursor_of(core, receipt.last);
    JsonWriter json;
    json.begin_object().key("item");
    write_account(json, *account, core.config->services.default_send_mode);
    json.key("changed").boolean(receipt.outcome != store::Outcome::noted);
    json.field("position", cursor).end_object();
    Answer answer = json_answer(json.take(), status);
    answer.headers.emplace_back("Decklog-Position", cursor);
    if (receipt.outcome == store::Outcome::repeated)
        answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
}

void submit(const Core& core, store::Submission submission, std::string id, int status,
            Reply reply) {
    std::vector<store::Submission> submissions;
    submissions.push_back(std::move(submission));
    core.ledger->submit(kPartition, std::move(submissions),
                        [&core, id = std::move(id), status,
                         reply = std::move(reply)](const std::vector<store::Answer>& answers) {
                            const store::Answer& only = answers.front();
                            if (!only) return reply(answer_of(only.error()));
                            // The account is read from the log, which the writer's thread must not
                            // wait for.
                            core.run_blocking([&core, id, status, reply, receipt = *only] {
                                reply(account_answer(core, id, receipt, status));
                            });
                        });
}

void create(const Core& core, const Request& request, Reply reply) {
    auto command = read_account(request.body);
    if (!command) return reply(answer_of(command.error()));
    constexpr int kCreated = 201;
    std::string id = command->account_id;
    command->order = account_order(core, request);
    store::Submission submission;
    submission.intent = domain::create_platform_account(std::move(*command));
    if (const auto bound = bind_to_key(core, request, kSource, submission); !bound)
        return reply(answer_of(bound.error()));
    submit(core, std::move(submission), std::move(id), kCreated, std::move(reply));
}

void update(const Core& core, const Request& request, Reply reply) {
    const std::string& id = request.captures.front();
    if (!domain::is_name(id)) {  // as every id is: there is no stream to look for
        return reply(error_answer(404, "not_found", "no platform account has this id; list them"));
    }
    auto command = read_update(request.body);
    if (!command) return reply(answer_of(command.error()));
    constexpr int kOk = 200;
    command->account_id = id;
    command->order = account_order(core, request);
    store::Submission submission;
    // Switching off ends a danger: it is taken while the disk is low.
    submission.frees_or_protects = command->is_active == false;
    submission.intent = domain::update_platform_policy(std::move(*command));
    submit(core, std::move(submission), id, kOk, std::move(reply));
}

// ---- questions

/// `cursor` is the id of the last account that was shown.
Answer list_accounts(const Core& core, Params& params) {
    params.allow({kListParams, kWaitParams});
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const std::string after = params.text("cursor").value_or(std::string());
    if (params.refusal()) return answer_of(*params.refusal());
    const auto snapshot = core.engine->snapshot("platforms");
    if (!snapshot) return answer_of(snapshot.error());
    const auto accounts = projections::platform_accounts(*snapshot->rows);
    auto at = accounts.begin();
    if (!after.empty()) {
        at = std::find_if(accounts.begin(), accounts.end(),
                          [&after](const AccountInfo& account) { return account.id == after; });
        if (at != accounts.end()) ++at;
    }
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    std::string last;
    for (std::size_t i = 0; i < limit && at != accounts.end(); ++i, ++at) {
        write_account(json, *at, core.config->services.default_send_mode);
        last = at->id;
    }
    json.end_array().key("next");
    at == accounts.end() ? json.null() : json.text(last);
    write_reflected(json, core, *snapshot);
    return json_answer(json.end_object().take());
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
    json.key(name).begin_array();
    for (const std::string& text : texts) json.text(text);
    json.end_array();
}

Answer policies_answer(const Core& core, const Request& request, Params& params) {
    params.allow({kPolicyParams, kWaitParams});
    if (params.refusal()) return answer_of(*params.refusal());
    const auto hours_text = request.param("windowHours");
    const std::int64_t hours = projections::clamp_window_hours(
        hours_text ? std::optional<std::string_view>(*hours_text) : std::nullopt);
    const auto snapshot = core.engine->snapshot("platforms");
    if (!snapshot) return answer_of(snapshot.error());
    const ServiceRules& services = core.config->services;
    const std::int64_t as_of_us = answer_time_us(core);
    JsonWriter json;
    json.begin_object().field("globalDefaultSendMode", services.default_send_mode);
    write_texts(json, "requiredPlatforms", services.required_platforms);
    std::vector<std::string> missing;
    for (auto& platform : projections::missing_platforms(
             *snapshot->rows, services.required_platforms, as_of_us - hours * kHourUs))
        missing.push_back(std::move(platform.name));
    write_texts(json, "missingPlatforms", missing);
    json.key("windowHours").number(hours);
    json.key("items").begin_array();
    const auto accounts = projections::platform_accounts(*snapshot->rows);
    for (std::size_t i = 0; i < std::min(accounts.size(), kAccountsMax); ++i)
        write_account(json, accounts[i], services.default_send_mode);
    json.end_array();
    write_parked(json, core, parked_in({*snapshot}));
    write_as_of(json, core, snapshot->next_ordinal, as_of_us);
    return json_answer(json.end_object().take());
}

Answer health_answer(const Core& core, Params& params) {
    params.allow({kWaitParams});
    if (params.refusal()) return answer_of(*params.refusal());
    const auto snapshot = core.engine->snapshot("platforms");
    if (!snapshot) return answer_of(snapshot.error());
    const std::int64_t as_of_us = answer_time_us(core);
    JsonWriter json;
    json.begin_object().field("generatedAt", domain::to_rfc3339(as_of_us));
    json.key("items").begin_array();
    const auto accounts =
        projections::platform_health(*snapshot->rows, as_of_us - kHealthHours * kHourUs);
    for (std::size_t i = 0; i < std::min(accounts.size(), kAccountsMax); ++i)
        write_health(json, accounts[i], core.config->services.default_send_mode);
    json.end_array();
    write_parked(json, core, parked_in({*snapshot}));
    write_as_of(json, core, snapshot->next_ordinal, as_of_us);
    Answer answer = json_answer(json.end_object().take());
    answer.headers.emplace_back("Cache-Control", "no-store");
    return answer;
}

Route get(const Core& core, std::string path, Question question) {
    Route route;
    route.path = std::move(path);
    route.access = Access::admin;
    route.takes_query = true;
    route.handle = asking(core, AnswersFrom{"platforms"}, std::move(question));
    return route;
}

Route writing(const Core& core, Method method, std::string path,
              void (*handle)(const Core&, const Request&, Reply)) {
    Route route;
    route.method = method;
    route.path = std::move(path);
    route.access = Access::admin;
    route.body_bytes_max = kBodyBytesMax;
    route.writes_log = true;
    route.handle = [&core, handle](const Request& request, Reply reply) {
        handle(core, request, std::move(reply));
    };
    return route;
}

}  // namespace

std::vector<Route> platform_routes(const Core& core) {
    return {writing(core, Method::post, "/api/admin/platform-accounts", create),
            get(core, "/api/admin/platform-accounts",
                [&core](const Request&, Params& params) { return list_accounts(core, params); }),
            writing(core, Method::put, "/api/admin/platform-policies/{id}", update),
            get(core, "/api/admin/platform-policies",
                [&core](const Request& request, Params& params) {
                    return policies_answer(core, request, params);
                }),
            get(core, "/api/admin/platform-health",
                [&core](const Request&, Params& params) { return health_answer(core, params); })};
}

}  // namespace decklog::api
