#include "api/cluster/peer_levels.hpp"

#include <boost/json.hpp>
#include <string>

#include "api/limits.hpp"
#include "api/router.hpp"

namespace decklog::api {
namespace {

constexpr int kOk = 200, kConflict = 409;

/// nullopt: it does not say.
std::optional<std::int64_t> highest_known_in(const domain::Result<Answer>& answer) {
    if (!answer || answer->status != kOk) return std::nullopt;
    boost::json::error_code failed;
    const auto value = boost::json::parse(answer->body, failed);
    if (failed || !value.is_object()) return std::nullopt;
    const auto* known = value.as_object().if_contains("highestKnown");
    return known != nullptr && known->is_int64() ? std::optional(known->get_int64()) : std::nullopt;
}

}  // namespace

std::optional<Answer> refusal_of_peers(const Peers& peers, std::uint32_t level,
                                       const Request& on_behalf) {
    Request question;
    question.path = "/api/admin/level";
    question.principal = on_behalf.principal;
    question.request_id = on_behalf.request_id;
    for (const std::string& url : peers.others()) {
        const auto known = highest_known_in(peers.ask(url, question, limits::kPeerDeadline));
        if (!known) {
            return error_answer(kConflict, "node_silent",
                                url +
                                    " did not say which levels it knows; start it, take it out "
                                    "of DECKLOG_PEERS, or send force",
                                "level");
        }
        if (*known < level) {
            return error_answer(kConflict, "level_unknown_to_node",
                                url + " knows levels up to " + std::to_string(*known) +
                                    "; upgrade it first, or send force and it follows without "
                                    "owning",
                                "level", *known);
        }
    }
    return std::nullopt;
}

}  // namespace decklog::api
