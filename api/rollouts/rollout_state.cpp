#include "api/rollouts/rollout_state.hpp"

#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;

}  // namespace

domain::Result<domain::Rollout::State> load_rollout(const store::LogReader& log,
                                                    std::string_view id,
                                                    std::optional<std::uint64_t> until) {
    store::IndexKey stream;
    stream.kind = store::IndexKey::Kind::stream;
    stream.text = domain::rollout_stream(id);
    stream.workspace = kRolloutWorkspace;
    domain::Rollout::State state;
    domain::Result<void> read;
    const auto scanned = log.scan(
        kPartition, stream, store::Order::ascending, std::nullopt, [&](domain::Position at) {
            if (until && at.ordinal > *until) return false;
            const auto frame = log.frame_at(at);
            if (!frame) {
                read = tl::unexpected(frame.error());
                return false;
            }
            const std::uint64_t index = at.ordinal - (*frame)->first().ordinal;
            state = domain::Rollout::evolve(std::move(state), (*frame)->event(index));
            return true;
        });
    if (!read) return tl::unexpected(std::move(read).error());
    if (!scanned) return tl::unexpected(scanned.error());
    return state;
}

}  // namespace decklog::api
