#include "api/rollouts/required_platforms.hpp"

#include <chrono>
#include <thread>

#include "projections/platforms/platforms_query.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::chrono::milliseconds kLook{2};
constexpr std::chrono::seconds kPatience{5};

}  // namespace

std::optional<std::vector<domain::gate::MissingPlatform>> missing_platforms(
    const Core& core, const domain::gate::Policy& policy, std::uint64_t until,
    std::int64_t now_us) {
    if (policy.required_platforms.empty()) return std::vector<domain::gate::MissingPlatform>{};
    const auto view = core.engine->snapshot("platforms");
    if (!view || view->next_ordinal < until) return std::nullopt;
    return projections::missing_platforms(*view->rows, policy.required_platforms,
                                          now_us - kActivityUs);
}

domain::Result<std::vector<domain::gate::MissingPlatform>> missing_platforms_now(
    const Core& core, const domain::gate::Policy& policy) {
    const std::uint64_t until = core.ledger->head(kPartition).next_ordinal;
    const auto patience_ends = std::chrono::steady_clock::now() + kPatience;
    while (true) {
        if (auto missing = missing_platforms(core, policy, until, core.clock->now_us()))
            return *std::move(missing);
        if (std::chrono::steady_clock::now() > patience_ends || core.draining()) {
            return domain::fail(domain::ErrorCode::stopped,
                                "it is not known yet which platforms are active; ask again", true);
        }
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace decklog::api
