// /hooks/…: the platforms' webhooks, handed to ingest as they came. Their signatures are the
// authentication, so nothing here reads a token. The plain path is the account `default`.
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

std::string_view advice(std::string_view code) {
    if (code == "off") return "this endpoint is off: its secret is not set";
    if (code == "bad_signature") return "the signature does not match the body";
    if (code == "stale_timestamp")
        return "the request was signed too long ago, or the clocks differ";
    if (code == "account_mismatch")
        return "the body names an account that the secret does not cover";
    return "the webhook was refused";
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

Route hook_route(const Core& core, ingest::Platform platform, Method method, bool names_account) {
    Route route;
    route.method = method;
    route.path =
        "/hooks/" + std::string(ingest::to_text(platform)) + (names_account ? "/{account}" : "");
    route.access = Access::platform;
    route.any_content_type = true;
    if (method == Method::post) route.body_bytes_max = limits::kHookBodyBytesMax;
    route.handle = [&core, platform](const Request& request, Reply reply) {
        receive(core, platform, request.captures.empty() ? "default" : request.captures.front(),
                request, std::move(reply));
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
