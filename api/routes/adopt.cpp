// POST /api/admin/adopt {since?}: lets a ledger that was forked act again. Says what is open first:
// deliveries that the other ledger may have sent too. There are none yet in this release.
#include <array>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_commands.hpp"
#include "api/json_writer.hpp"
#include "api/queries/params.hpp"
#include "api/routes/keeping.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/ledger/lineage.hpp"
#include "store/fork/hold.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kPositionHeader = "Decklog-Position";
constexpr std::array<std::string_view, 1> kFields{"since"};

/// The ordinal before which deliveries are ambiguous; 0: none.
domain::Decision<std::uint64_t> read_since(const Core& core, const Request& request) {
    if (request.body.empty()) return 0;
    auto fields = JsonFields::read_order(request.body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    const std::string since = fields->text_or_none("since");
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    if (since.empty()) return 0;
    Params params(request, core);
    const auto position = params.parse_position(since, "since");
    params.must_be_reached(position, "since");
    if (params.refusal()) return tl::unexpected(*params.refusal());
    if (position->partition != kPartition) {
        return domain::reject("invalid_position", "deliveries stand in partition 0: name one of it",
                              "since");
    }
    return position->ordinal;
}

Answer adopt_answer(const Core& core, std::string_view outcome,
                    std::optional<domain::Position> position) {
    JsonWriter json;
    json.begin_object().field("outcome", outcome);
    json.key("open").begin_object().key("deliveries").number(0).end_object();
    if (position) json.field("position", cursor_of(core, *position));
    write_as_of(json, core, core.ledger->head(kPartition).next_ordinal);
    Answer answer = json_answer(json.end_object().take());
    if (position) answer.headers.emplace_back(kPositionHeader, cursor_of(core, *position));
    return answer;
}

void adopt(const Core& core, const Request& request, Reply reply) {
    const auto since = read_since(core, request);
    if (!since) return reply(answer_of(since.error()));
    if (!core.hold->is_held()) return reply(adopt_answer(core, "not_held", std::nullopt));
    const domain::TokenOrder by = order_of(core, request);
    domain::AdoptLedger command;
    command.order = {kPartition, by.actor, by.recorded_by, by.now_us, by.trace_id};
    command.since_ordinal = *since;
    std::vector<store::Submission> submissions(1);
    submissions[0].intent = domain::adopt_ledger(std::move(command));
    core.ledger->submit(kPartition, std::move(submissions),
                        [&core, reply = std::move(reply)](std::vector<store::Answer> answers) {
                            const store::Answer& only = answers.front();
                            if (!only) return reply(answer_of(only.error()));
                            // Somebody else was quicker: then it is adopted all the same.
                            reply(adopt_answer(core, "adopted", only->last));
                        });
}

}  // namespace

Route adopt_route(const Core& core) {
    Route route;
    route.method = Method::post;
    route.path = "/api/admin/adopt";
    route.access = Access::admin;
    route.body_bytes_max = kBodyBytesMax;
    route.body_optional = true;
    route.writes_log = true;
    route.handle = [&core](const Request& request, Reply reply) {
        adopt(core, request, std::move(reply));
    };
    return route;
}

}  // namespace decklog::api
