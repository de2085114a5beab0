// POST /api/subjects/erase {person, reason, dryRun?}: forgets a person. The work lasts as long as
// the log is long, so it is a job; whoever asks for NDJSON sees how far it is. The access log has
// the route, never the body: no native id gets further than the vault.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/erasures/erasing.hpp"
#include "api/queries/progress.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "api/writes/taking_in.hpp"
#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::string_view kSource = "api/subjects/erase";
constexpr std::array<std::string_view, 3> kFields{"person", "reason", "dryRun"};

domain::Decision<ErasureWish> read_wish(std::string_view body) {
    auto fields = JsonFields::read_order(body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    ErasureWish wish;
    wish.person = fields->text_or_none("person");
    wish.reason = fields->text_or_none("reason");
    wish.dry_run = fields->truth("dryRun");
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    if (auto checked = check(wish); !checked) return tl::unexpected(std::move(checked).error());
    return wish;
}

/// The same wish under the same key is the same request, though the person is known no more.
domain::Decision<void> bind_to_key(const Core& core, const Request& request, ErasureWish& wish) {
    const auto key = idempotency_key(request);
    if (!key) return tl::unexpected(key.error());
    if (!*key) return {};
    auto canonical = store::canonical_json(request.body, domain::limits::kJsonDepthMax);
    if (!canonical) return tl::unexpected(canonical.error());
    wish.order.key = store::command_key(*core.vault, wish.order.workspace, kSource, **key);
    wish.order.request_hash =
        store::request_hash(*core.vault, "erase_subject", kSource, "any", *canonical);
    return {};
}

domain::Decision<ErasureWish> wish_of(const Core& core, const Request& request) {
    auto wish = read_wish(request.body);
    if (!wish) return wish;
    wish->order.actor = {std::string(to_text(request.principal.role)), request.principal.id};
    wish->order.recorded_by = "token:" + request.principal.id;
    wish->order.reason = wish->reason;
    wish->order.now_us = core.clock->now_us();
    wish->order.trace_id = request.trace;
    if (auto bound = bind_to_key(core, request, *wish); !bound)
        return tl::unexpected(std::move(bound).error());
    return wish;
}

Answer outcome_answer(const Core& core, const domain::Decision<ErasureOutcome>& outcome) {
    if (!outcome) return answer_of(outcome.error());
    JsonWriter json;
    json.begin_object();
    write_outcome(json, core, *outcome);
    Answer answer = json_answer(json.end_object().take());
    if (outcome->position)
        answer.headers.emplace_back("Decklog-Position", cursor_of(core, *outcome->position));
    if (outcome->is_repeat) answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
}

void erase_with_progress(const Core& core, const ErasureWish& wish, const PieceSink& sink) {
    Progress progress(sink);
    // Once begun it is finished, whether somebody still reads or not.
    const auto outcome = erase(core, wish, [&progress](std::uint64_t done, std::uint64_t total) {
        progress.show(done, total);
    });
    JsonWriter json;
    json.begin_object().key("ok").boolean(outcome.has_value());
    if (outcome) {
        write_outcome(json, core, *outcome);
    } else {
        json.field("error", outcome.error().code)
            .field("problem", outcome.error().message)
            .field_if_any("field", outcome.error().field);
    }
    static_cast<void>(sink(json.end_object().take() + "\n"));
}

void take(const Core& core, const Request& request, const Reply& reply) {
    auto wish = wish_of(core, request);
    if (!wish) return reply(answer_of(wish.error()));
    if (request.header("accept").find("application/x-ndjson") != std::string_view::npos) {
        return reply(
            ndjson_answer(job_source(core, [&core, wish = std::move(*wish)](const PieceSink& sink) {
                erase_with_progress(core, wish, sink);
            })));
    }
    core.run_job([&core, wish = std::move(*wish), reply] {
        reply(outcome_answer(core, erase(core, wish, {})));
    });
}

}  // namespace

std::vector<Route> subject_routes(const Core& core) {
    Route post;
    post.method = Method::post;
    post.path = "/api/subjects/erase";
    post.access = Access::admin;
    post.body_bytes_max = kBodyBytesMax;
    post.writes_log = true;
    post.handle = [&core](const Request& request, const Reply& reply) {
        take(core, request, reply);
    };
    return {std::move(post)};
}

}  // namespace decklog::api
