#include "api/rollouts/rollout_writes.hpp"

#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_commands.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "api/writes/taking_in.hpp"
#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api::rollouts {
namespace {

constexpr std::uint32_t kPartition = 0;

struct Key {
    std::string_view source;
    std::string text;
};

/// Keys of chat have a source of their own: no header of a request can take one of them.
std::optional<Key> key_of(const Request& request) {
    if (request.from_chat) return Key{"chat/rollouts", request.from_chat->key};
    if (auto key = idempotency_key(request); key && *key) return Key{"api/rollouts", **key};
    return std::nullopt;
}

}  // namespace

bool has_key(const Request& request) {
    return key_of(request).has_value();
}

domain::RolloutOrder rollout_order(const Core& core, const Request& request, std::string id,
                                   std::string by) {
    domain::TokenOrder from = order_of(core, request);
    domain::RolloutOrder order;
    order.workspace = kRolloutWorkspace;
    order.id = std::move(id);
    order.actor = by.empty() ? std::move(from.actor) : domain::Actor{"operator", std::move(by)};
    order.recorded_by = std::move(from.recorded_by);
    order.now_us = from.now_us;
    order.trace_id = from.trace_id;
    if (request.from_chat) {
        order.recorded_by = request.from_chat->recorded_by;
        order.causation_id = request.from_chat->cause;
        order.correlation_id = domain::to_text(request.trace);
    }
    return order;
}

store::Answer submit(const Core& core, const Request& request, domain::Rollout::Command command,
                     std::string_view body) {
    std::vector<store::Submission> submissions(1);
    store::Submission& submission = submissions.front();
    submission.intent = domain::rollout_command(std::move(command));
    submission.frees_or_protects = true;
    const std::string target = submission.intent.home.stream;
    if (const auto key = key_of(request)) {
        const auto canonical = store::canonical_json(body, domain::limits::kJsonDepthMax);
        submission.key = store::command_key(*core.vault, kRolloutWorkspace, key->source, key->text);
        submission.request_hash =
            store::request_hash(*core.vault, submission.intent.command, target, "any",
                                canonical ? *canonical : std::string(body));
    }
    if (request.from_chat) submission.not_after_us = request.from_chat->not_after_us;
    return store::submit_and_wait(*core.ledger, kPartition, std::move(submissions)).front();
}

void put_receipt(const Core& core, Answer& answer, const store::Receipt& receipt) {
    answer.headers.emplace_back("Decklog-Position", cursor_of(core, receipt.last));
    if (receipt.outcome == store::Outcome::repeated)
        answer.headers.emplace_back("Idempotent-Replayed", "true");
}

Route writing(const Core& core, std::string path, std::size_t body_bytes_max, Work work) {
    Route route;
    route.method = Method::post;
    route.path = std::move(path);
    route.access = Access::operator_;
    route.body_bytes_max = body_bytes_max;
    route.writes_log = true;
    route.handle = [&core, work](Request request, Reply reply) {
        core.run_blocking([&core, work, request = std::move(request), reply = std::move(reply)] {
            reply(work(core, request));
        });
    };
    return route;
}

}  // namespace decklog::api::rollouts
