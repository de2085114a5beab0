// /api/tokens: create, list, revoke. A token is shown once, in the answer to its creation; asking
// again under the same Idempotency-Key is 409, since nothing that could be shown was kept.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/auth/token_commands.hpp"
#include "api/json_writer.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/routes/routes.hpp"
#include "api/writes/json_fields.hpp"
#include "api/writes/keyed_order.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kSource = "api/tokens";
constexpr std::string_view kPositionHeader = "Decklog-Position";
constexpr std::array<std::string_view, 6> kFields{"role",     "name",    "expiresAt",
                                                  "personal", "account", "gate"};
constexpr std::array<std::string_view, 2> kListParams{"limit", "cursor"};

std::string_view state_of(const TokenInfo& token, std::int64_t now_us) {
    if (token.revoked_at_us) return "revoked";
    return token.expires_at_us != 0 && token.expires_at_us <= now_us ? "expired" : "active";
}

void write_time(JsonWriter& json, std::string_view name, std::int64_t time_us) {
    if (time_us == 0) {
        json.key(name).null();
    } else {
        json.field(name, domain::to_rfc3339(time_us));
    }
}

void write_token(JsonWriter& json, const Core& core, const TokenInfo& token, std::int64_t now_us) {
    json.begin_object()
        .field("id", token.id)
        .field("role", to_text(token.role))
        .field("name", token.name)
        .field("state", state_of(token, now_us))
        .key("personal")
        .boolean(token.personal)
        .field_if_any("account", token.account.value_or(""))
        .field_if_any("gate", token.gate.value_or(""))
        .field("createdAt", domain::to_rfc3339(token.created_at_us));
    write_time(json, "expiresAt", token.expires_at_us);
    if (token.revoked_at_us) json.field("revokedAt", domain::to_rfc3339(*token.revoked_at_us));
    json.field("position", cursor_of(core, token.position)).end_object();
}

/// In the order in which they were made; the cursor is the position of the last one shown.
Answer list_tokens(const Core& core, Params& params) {
    params.allow({kListParams, kWaitParams});
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const auto after = params.position("cursor");
    if (params.refusal()) return answer_of(*params.refusal());
    const std::int64_t now_us = core.clock->now_us();
    const std::vector<TokenInfo> tokens = core.tokens->list();
    auto at = std::find_if(tokens.begin(), tokens.end(), [&after](const TokenInfo& token) {
        return !after || *after < token.position;
    });
    JsonWriter json;
    json.begin_object().key("items").begin_array();
    std::string last;
    for (std::size_t i = 0; i < limit && at != tokens.end(); ++i, ++at) {
        write_token(json, core, *at, now_us);
        last = cursor_of(core, at->position);
    }
    json.end_array().key("next");
    at == tokens.end() ? json.null() : json.text(last);
    write_as_of(json, core, core.ledger->head(kPartition).next_ordinal);
    json.end_object();
    return json_answer(json.take());
}

domain::Decision<TokenWish> read_wish(std::string_view body) {
    auto fields = JsonFields::read_order(body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    TokenWish wish;
    wish.role = fields->text_or_none("role");
    wish.name = fields->text_or_none("name");
    wish.account = fields->text_or_none("account");
    if (wish.account->empty()) wish.account.reset();
    wish.gate = fields->text_or_none("gate");
    if (wish.gate->empty()) wish.gate.reset();
    wish.personal = fields->truth("personal");
    const std::string expires = fields->text_or_none("expiresAt");
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    if (expires.empty()) return wish;
    const auto time = domain::parse_rfc3339(expires, "expiresAt");
    if (!time) return tl::unexpected(time.error());
    wish.expires_at_us = *time;
    return wish;
}

Answer created_answer(const Core& core, const TokenWish& wish, const TokenSubmission& token,
                      const store::Receipt& receipt) {
    const std::string cursor = cursor_of(core, receipt.last);
    JsonWriter json;
    json.begin_object()
        .field("id", token.id)
        .field("token", token.text)
        .field("role", wish.gate ? to_text(Role::gate) : std::string_view(wish.role))
        .field("name", wish.name);
    write_time(json, "expiresAt", wish.expires_at_us.value_or(0));
    json.key("personal").boolean(wish.personal).field_if_any("account", wish.account.value_or(""));
    json.field_if_any("gate", wish.gate.value_or(""));
    json.field("position", cursor).end_object();
    Answer answer = json_answer(json.take(), 201);
    answer.headers.emplace_back(kPositionHeader, cursor);
    return answer;
}

Answer already_created_answer() {
    return error_answer(
        409, "already_created",
        "a token was made under this key, and it is shown only once; take a new key",
        "Idempotency-Key");
}

void submit_one(const Core& core, store::Submission submission,
                std::function<Answer(const store::Receipt&)> answer, Reply reply) {
    std::vector<store::Submission> submissions;
    submissions.push_back(std::move(submission));
    core.ledger->submit(
        kPartition, std::move(submissions),
        [answer = std::move(answer), reply = std::move(reply)](std::vector<store::Answer> answers) {
            const store::Answer& only = answers.front();
            reply(only ? answer(*only) : answer_of(only.error()));
        });
}

void create(const Core& core, const Request& request, Reply reply) {
    const auto wish = read_wish(request.body);
    if (!wish) return reply(answer_of(wish.error()));
    TokenSubmission token = create_token_submission(core, *wish, order_of(core, request));
    if (const auto bound = bind_to_key(core, request, kSource, token.submission); !bound) {
        return reply(answer_of(bound.error()));
    }
    store::Submission submission = std::move(token.submission);
    submit_one(
        core, std::move(submission),
        [&core, wish = *wish, token = std::move(token)](const store::Receipt& receipt) {
            if (receipt.outcome == store::Outcome::repeated) return already_created_answer();
            return created_answer(core, wish, token, receipt);
        },
        std::move(reply));
}

/// Revoking twice is revoking once.
void revoke(const Core& core, const Request& request, Reply reply) {
    store::Submission submission;
    const std::string& id = request.captures.front();
    // An id nobody has is no stream to look for.
    if (!core.tokens->find(id)) {
        return reply(error_answer(404, "not_found", "no token has this id; list the tokens", "id"));
    }
    submission.intent = domain::revoke_token({order_of(core, request), id});
    submission.frees_or_protects = true;
    submit_one(
        core, std::move(submission),
        [&core, id](const store::Receipt& receipt) {
            const std::string cursor = cursor_of(core, receipt.last);
            JsonWriter json;
            json.begin_object()
                .field("id", id)
                .field("state", "revoked")
                .field("position", cursor)
                .end_object();
            Answer answer = json_answer(json.take());
            answer.headers.emplace_back(kPositionHeader, cursor);
            return answer;
        },
        std::move(reply));
}

}  // namespace

std::vector<Route> token_routes(const Core& core) {
    Route post;
    post.method = Method::post;
    post.path = "/api/tokens";
    post.access = Access::admin;
    post.body_bytes_max = kBodyBytesMax;
    post.writes_log = true;
    post.handle = [&core](Request request, Reply reply) {
        create(core, request, std::move(reply));
    };

    Route list;
    list.path = "/api/tokens";
    list.access = Access::admin;
    list.takes_query = true;
    list.handle = asking(core, AnswersFrom::log, [&core](const Request&, Params& params) {
        return list_tokens(core, params);
    });

    Route remove;
    remove.method = Method::del;
    remove.path = "/api/tokens/{id}";
    remove.access = Access::admin;
    remove.writes_log = true;
    remove.handle = [&core](Request request, Reply reply) {
        revoke(core, request, std::move(reply));
    };
    return {std::move(post), std::move(list), std::move(remove)};
}

}  // namespace decklog::api
