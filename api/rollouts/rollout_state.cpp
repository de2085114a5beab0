#include "api/rollouts/rollout_state.hpp"

#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;

}  // namespace

domain::Result<void> for_each_rollout_event(
    const store::LogReader& log, std::string_view id, std::optional<std::uint64_t> until,
    const std::function<void(const domain::EventView&)>& visit) {
    store::IndexKey stream;
    stream.kind = store::IndexKey::Kind::stream;
    stream.text = domain::rollout_stream(id);
    stream.workspace = kRolloutWorkspace;
    domain::Result<void> read;
    const auto scanned = log.scan(
        kPartition, stream, store::Order::ascending, std::nullopt, [&](domain::Position at) {
            if (until && at.ordinal > *until) return false;
            const auto frame = log.frame_at(at);
            if (!frame) {
                read = tl::unexpected(frame.error());
                return false;
            }
            visit((*frame)->event(at.ordinal - (*frame)->first().ordinal));
            return true;
        });
    if (!read) return read;
    if (!scanned) return tl::unexpected(scanned.error());
    return {};
}

domain::Result<domain::Rollout::State> load_rollout(const store::LogReader& log,
                                                    std::string_view id,
                                                    std::optional<std::uint64_t> until) {
    domain::Rollout::State state;
    const auto read =
        for_each_rollout_event(log, id, until, [&state](const domain::EventView& event) {
            state = domain::Rollout::evolve(std::move(state), event);
        });
    if (!read) return tl::unexpected(read.error());
    return state;
}

}  // namespace decklog::api
