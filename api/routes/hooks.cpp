// /hooks/…: the platforms' webhooks, handed to ingest as they came. Their signatures are the
// authentication, so nothing here reads a token. The plain path is the account `default`.
#include <algorithm>
#include <array>
#include <utility>

#include "api/limits.hpp"
#include "api/routes/routes.hpp"
#include "domain/ids.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {
namespace {

constexpr std::array kPlatforms{ingest::Platform::telegram, ingest::Platform::discord,
                                ingest::Platform::whatsapp, ingest::Platform::slack};

/// What the person who set the webhook up can do about a refusal.
struct Advice {
    std::string_view code, message;
};

constexpr std::array kAdvice{
    Advice{"off", "this endpoint is off: set its secret and restart"},
    Advice{"unknown_account", "configure an account by this name, or take the path of one that is"},
    Advice{"missing_signature", "send the headers with which the platform signs its requests"},
    Advice{"bad_signature", "the signature does not match the body; compare the secrets"},
    Advice{"stale_timestamp", "the request was signed too long ago, or the clocks differ"},
    Advice{"account_mismatch", "the body names an account that the secret does not cover"},
    Advice{"invalid_json", "send one JSON value in UTF-8 (RFC 8259)"},
    Advice{"json_too_deep", "nest fewer objects and arrays"},
    Advice{"invalid_form", "send a form in percent-encoded UTF-8"},
    Advice{"bad_verify_token", "give the platform the verify token that is configured here"},
    Advice{"bad_challenge", "send hub.challenge"},
};

std::string_view advice(std::string_view code) {
    const auto found = std::find_if(kAdvice.begin(), kAdvice.end(),
                                    [code](const Advice& known) { return known.code == code; });
    return found == kAdvice.end() ? std::string_view{"send it again later"} : found->message;
}

/// Platforms want an empty body; a refusal says its code, for the person who reads the platform's
/// log.
Answer answer_of(const Core& core, const ingest::HookAnswer& hook) {
    const bool is_refused = hook.status >= 400 && !hook.error_code.empty();
    Answer answer = is_refused && hook.body.empty()
                        ? error_answer(hook.status, hook.error_code, advice(hook.error_code))
                        : Answer{};
    answer.status = hook.status;
    answer.error_code = hook.error_code;
    if (!hook.body.empty() || !is_refused) {
        answer.content_type = hook.content_type;
        answer.body = hook.body;
    }
    if (hook.retry_after_seconds) {
        answer.headers.emplace_back("Retry-After", std::to_string(*hook.retry_after_seconds));
    }
    if (hook.position) {
        answer.headers.emplace_back("Decklog-Position",
                                    domain::to_cursor(core.ledger->ledger_id(), *hook.position));
    }
    return answer;
}

void receive(const Core& core, ingest::Platform platform, std::string account,
             const Request& request, Reply reply) {
    ingest::HookRequest hook;
    hook.is_get = request.method == Method::get;
    hook.platform = platform;
    hook.account = std::move(account);
    hook.header = [&request](std::string_view name) { return request.header(name); };
    hook.query = [&request](std::string_view name) { return request.param(name); };
    hook.body = request.body;
    hook.trace = request.trace;
    core.inbound->receive(hook,
                          [&core, reply = std::move(reply)](const ingest::HookAnswer& answer) {
                              reply(answer_of(core, answer));
                          });
}

std::string account_of(const Request& request) {
    return request.captures.empty() ? "default" : request.captures.front();
}

Route hook_route(const Core& core, ingest::Platform platform, Method method, bool names_account) {
    Route route;
    route.method = method;
    route.path =
        "/hooks/" + std::string(ingest::to_text(platform)) + (names_account ? "/{account}" : "");
    route.access = Access::platform;
    route.any_content_type = true;
    if (method == Method::post) route.body_bytes_max = limits::kHookBodyBytesMax;
    route.writes_log = method == Method::post;
    route.workspace = [&core, platform](const Request& request) {
        return core.inbound->workspace_of(platform, account_of(request));
    };
    route.handle = [&core, platform](const Request& request, Reply reply) {
        receive(core, platform, account_of(request), request, std::move(reply));
    };
    return route;
}

}  // namespace

std::vector<Route> hook_routes(const Core& core) {
    std::vector<Route> routes;
    for (const ingest::Platform platform : kPlatforms) {
        for (const bool names_account : {false, true}) {
            routes.push_back(hook_route(core, platform, Method::post, names_account));
            // WhatsApp's handshake.
            if (platform == ingest::Platform::whatsapp) {
                routes.push_back(hook_route(core, platform, Method::get, names_account));
            }
        }
    }
    return routes;
}

}  // namespace decklog::api
