#include "api/writes/keyed_order.hpp"

#include "api/writes/taking_in.hpp"
#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {

domain::Decision<void> bind_to_key(const Core& core, const Request& request,
                                   std::string_view source, store::Submission& submission) {
    const auto key = idempotency_key(request);
    if (!key) return tl::unexpected(key.error());
    if (!*key) return {};
    auto canonical = store::canonical_json(request.body, domain::limits::kJsonDepthMax);
    if (!canonical) return tl::unexpected(canonical.error());
    submission.key =
        store::command_key(*core.vault, submission.intent.home.workspace, source, **key);
    submission.request_hash =
        store::request_hash(*core.vault, submission.intent.command, source, "any", *canonical);
    return {};
}

}  // namespace decklog::api
