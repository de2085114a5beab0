#include "store/log_state.hpp"

#include "domain/ledger/level.hpp"
#include "store/frame/frame.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

using domain::EventType;

IndexKey levels_raised() {
    IndexKey key;
    key.kind = IndexKey::Kind::type;
    key.type = static_cast<std::uint32_t>(EventType::level_raised);
    return key;
}

domain::Result<std::uint32_t> level_at(const domain::Result<FramePtr>& frame,
                                       domain::Position position) {
    if (!frame) return tl::unexpected(frame.error());
    const std::uint64_t index = position.ordinal - (*frame)->first().ordinal;
    const domain::EventView event = (*frame)->event(index);
    const bool says_one = event.is(EventType::ledger_created) || event.is(EventType::level_raised);
    if (!says_one) {
        return domain::fail(domain::ErrorCode::corrupt,
                            "ledger/ log " + std::to_string(position.partition) + ":" +
                                std::to_string(position.ordinal) + " says no level");
    }
    return domain::level_said_by(event);
}

}  // namespace

domain::Result<std::uint32_t> log_level(const LogReader& log, std::uint32_t partition) {
    domain::Position newest{partition, 0};
    auto scanned = log.scan(partition, levels_raised(), Order::descending, std::nullopt,
                            [&newest](domain::Position position) {
                                newest = position;
                                return false;
                            });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    return level_at(log.frame_at(newest), newest);
}

domain::Result<LogState> log_state(const RowReader& rows, std::uint32_t partition) {
    domain::Position newest{partition, 0};
    auto scanned = scan_index(rows, partition, levels_raised(), Order::descending, std::nullopt,
                              [&newest](domain::Position position) {
                                  newest = position;
                                  return false;
                              });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    const auto level = level_at(frame_at(rows, newest), newest);
    if (!level) return tl::unexpected(level.error());
    const auto last = last_frame(rows, partition);
    if (!last) return tl::unexpected(last.error());
    return LogState{*level, *last != nullptr && (*last)->event(0).is(EventType::ledger_moved)};
}

}  // namespace decklog::store
