#include "api/cluster/forwarding.hpp"

#include <chrono>
#include <memory>
#include <thread>

#include "api/answers.hpp"
#include "api/auth/authorise.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/fed_lines.hpp"
#include "api/limits.hpp"
#include "api/router.hpp"
#include "domain/workspace/placement.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr const char* kNotOwner = "not_owner";

Answer unavailable(const char* code, const char* message) {
    Answer answer = error_answer(503, code, message);
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
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

/// Nothing was done here.
bool says_not_owner(const Answer& answer) {
    return answer.status == 503 && answer.body.find("\"error\":\"not_owner\"") != std::string::npos;
}

}  // namespace

/// While the partition changes its owner the request waits here: its client sees a delay. Only what
/// certainly did not reach an owner is sent again.
void Forwarding::carry_out(const std::string& workspace, const Request& request,
                           const Handler& here, const Reply& reply) const {
    const auto until = std::chrono::steady_clock::now() + limits::kForwardDeadline;
    while (std::chrono::steady_clock::now() < until) {
        const auto partition = places_.partition_of(workspace);
        const Ownership owner = ownership_(partition.value_or(0));
        if (owner.is_ours && partition) return here(request, reply);
        if (owner.is_ours) {
            const auto placed = places_.place(workspace, store::system_clock());
            const bool is_over = !placed && placed.error().kind != store::Refused::not_owner;
            if (is_over) return reply(answer_of(placed.error()));
            if (!placed) std::this_thread::sleep_for(limits::kForwardPause);
            continue;
        }
        if (request.forwarded) break;  // whoever handed it on asks again
        if (peers_.has(owner.url)) {
            auto answer = ask(owner.url, request);
            const bool reached =
                answer ? answer->error_code != kNotOwner : !answer.error().retryable;
            if (answer && reached) return reply(*std::move(answer));
            if (reached) {
                store::log_warn("cluster", {}, "no answer: {}", answer.error().context);
                return reply(
                    unavailable("outcome_unknown",
                                "the node that writes this did not answer; repeat with the "
                                "same key"));
            }
        }
        std::this_thread::sleep_for(limits::kForwardPause);
    }
    reply(unavailable(kNotOwner,
                      "no node that can be reached writes this now; repeat with the same "
                      "key"));
}

bool Forwarding::is_ours(const std::string& workspace) const {
    const auto partition = places_.partition_of(workspace);
    return partition && ownership_(*partition).is_ours;
}

domain::Result<Answer> Forwarding::ask(const std::string& url, const Request& request) const {
    auto answer = peers_.ask(url, request, limits::kForwardDeadline);
    if (answer && says_not_owner(*answer)) answer->error_code = kNotOwner;
    return answer;
}

Route Forwarding::at_the_owner(Route route) const {
    const auto elsewhere = [this](std::string workspace, Request request, Handler here,
                                  Reply reply) {
        run_([this, workspace = std::move(workspace), request = std::move(request),
              here = std::move(here),
              reply = std::move(reply)] { carry_out(workspace, request, here, reply); });
    };
    const auto workspace = [said = route.workspace](const Request& request) {
        return said ? said(request) : std::string(domain::kDefaultWorkspace);
    };
    route.handle = [this, elsewhere, workspace, here = std::move(route.handle)](Request request,
                                                                                Reply reply) {
        if (!holds_its_body(request)) return reply(unauthorized_answer());
        std::string into = workspace(request);
        if (!is_ours(into))
            return elsewhere(std::move(into), std::move(request), here, std::move(reply));
        // The partition may move away before it is decided; then it is handed on like any other.
        auto kept = std::make_shared<Request>(request);
        here(std::move(request), [elsewhere, here, kept = std::move(kept), into = std::move(into),
                                  reply = std::move(reply)](Answer answer) {
            if (!says_not_owner(answer)) return reply(std::move(answer));
            elsewhere(into, std::move(*kept), here, reply);
        });
    };
    if (!route.handle_lines) return route;
    route.handle_lines = [this, elsewhere, workspace, handle = std::move(route.handle_lines)](
                             Request request) -> std::unique_ptr<LineSink> {
        std::string into = workspace(request);
        if (!request.forwarded && is_ours(into)) return handle(std::move(request));
        const Handler here = [handle](Request whole, Reply reply) {
            std::string body = std::exchange(whole.body, {});
            feed_lines(handle(std::move(whole)), std::move(body), std::move(reply));
        };
        return std::make_unique<GatheredLines>(
            std::move(request),
            [elsewhere, here, into = std::move(into)](Request whole, Reply reply) {
                if (!holds_its_body(whole)) return reply(unauthorized_answer());
                elsewhere(into, std::move(whole), here, std::move(reply));
            });
    };
    return route;
}

}  // namespace decklog::api
