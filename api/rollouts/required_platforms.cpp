#include "api/rollouts/required_platforms.hpp"

#include "projections/platforms/platforms_query.hpp"

namespace decklog::api {
std::optional<std::vector<domain::gate::MissingPlatform>> missing_platforms(
    const Core& core, const domain::gate::Policy& policy, std::uint64_t until,
    std::int64_t now_us) {
    if (policy.required_platforms.empty()) return std::vector<domain::gate::MissingPlatform>{};
    const auto view = core.engine->snapshot("platforms");
    if (!view || view->next_ordinal < until) return std::nullopt;
    return projections::missing_platforms(*view->rows, policy.required_platforms,
                                          now_us - kActivityUs);
}

}  // namespace decklog::api
