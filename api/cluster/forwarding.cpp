#include "api/cluster/forwarding.hpp"

#include <algorithm>
#include <memory>

#include "api/answers.hpp"
#include "api/auth/authorise.hpp"
#include "api/cluster/owner_client.hpp"
#include "api/fed_lines.hpp"
#include "api/limits.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

Answer no_owner(const char* message) {
    Answer answer = error_answer(503, "not_owner", message);
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

/// Of a request that was handed on: the body is the one that was signed for.
bool holds_its_body(const Request& request) {
    return !request.forwarded || request.forwarded->body_hash == body_hash(request.body);
}

/// Lines of a body that is handed on as a whole, up to the size of one that is not NDJSON.
class GatheredLines final : public LineSink {
  public:
    GatheredLines(Request request, Handler handle)
        : request_(std::move(request)), handle_(std::move(handle)) {}
    void lines(std::vector<std::string> lines, std::function<void()> more) override {
        for (const std::string& line : lines) {
            if (is_too_large_) break;
            request_.body.append(line).push_back('\n');
            is_too_large_ = request_.body.size() > limits::kForwardedBodyBytesMax;
        }
        more();
    }
    void finish(Reply reply) override {
        if (is_too_large_) {
            return reply(error_answer(
                413, "body_too_large",
                "a node that does not own the partition hands on 8 MiB at most; send less, or send "
                "it to the owner",
                {}, static_cast<std::int64_t>(limits::kForwardedBodyBytesMax)));
        }
        handle_(std::move(request_), std::move(reply));
    }

  private:
    Request request_;
    const Handler handle_;
    bool is_too_large_ = false;
};

}  // namespace

void Forwarding::hand_on(const Request& request, const Ownership& owner, const Reply& reply) const {
    const int hops = request.forwarded ? request.forwarded->hops : 0;
    if (hops >= limits::kForwardHopsMax)
        return reply(no_owner("the partition is changing its owner; repeat with the same key"));
    if (owner.url == config_.advertised_url)
        return reply(no_owner("the partition is changing its owner; repeat with the same key"));
    const auto& peers = config_.peers;
    const bool is_peer = std::find(peers.begin(), peers.end(), owner.url) != peers.end();
    if (!is_peer || !config_.secret.is_set()) {
        return reply(no_owner(
            "another node writes this, and it is none of DECKLOG_PEERS; repeat with the same key"));
    }
    OwnerCall call{owner.url, std::string(verb_of(request.method)), target_of(request),
                   passed_on(request), request.body};
    for (auto& header : sign_forwarded(config_.secret.reveal(), request, hops + 1,
                                       core_.clock->now_us(), *core_.random))
        call.headers.push_back(std::move(header));
    call.headers.emplace_back("X-Request-Id", request.request_id);
    auto answer = ask_owner(call, limits::kForwardDeadline);
    if (answer) return reply(*std::move(answer));
    store::log_warn("cluster", {}, "a request was not handed on: {}", answer.error().context);
    reply(no_owner("the node that writes this does not answer; repeat with the same key"));
}

Route Forwarding::at_the_owner(Route route) const {
    const auto elsewhere = [this](Request request, const Ownership& owner, Reply reply) {
        core_.run_blocking([this, request = std::move(request), owner, reply = std::move(reply)] {
            hand_on(request, owner, reply);
        });
    };
    route.handle = [this, elsewhere, handle = std::move(route.handle)](Request request,
                                                                       Reply reply) {
        if (!holds_its_body(request)) return reply(unauthorized_answer());
        const Ownership owner = ownership_();
        if (owner.is_ours) return handle(std::move(request), std::move(reply));
        elsewhere(std::move(request), owner, std::move(reply));
    };
    if (!route.handle_lines) return route;
    route.handle_lines = [this, elsewhere, handle = std::move(route.handle_lines)](
                             Request request) -> std::unique_ptr<LineSink> {
        if (!request.forwarded && ownership_().is_ours) return handle(std::move(request));
        return std::make_unique<GatheredLines>(
            std::move(request), [this, elsewhere, handle](Request whole, Reply reply) {
                if (!holds_its_body(whole)) return reply(unauthorized_answer());
                const Ownership owner = ownership_();
                if (!owner.is_ours) return elsewhere(std::move(whole), owner, std::move(reply));
                std::string body = std::exchange(whole.body, {});
                feed_lines(handle(std::move(whole)), std::move(body), std::move(reply));
            });
    };
    return route;
}

}  // namespace decklog::api
