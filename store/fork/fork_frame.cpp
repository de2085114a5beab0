#include "store/fork/fork_frame.hpp"

#include <algorithm>
#include <cstring>

#include "domain/ledger/lineage.hpp"
#include "store/frame/event_ids.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kCursorIdBytes = 4;  // of a ledger id, in front of every cursor

domain::ForkLedger command_of(std::uint32_t partition, const domain::LedgerId& id,
                              std::string_view reason, std::int64_t now_us) {
    domain::ForkLedger command;
    command.order.partition = partition;
    command.order.actor = {"system", "decklog"};
    command.order.recorded_by = "decklog";
    command.order.now_us = now_us;
    command.new_id = id;
    command.reason = reason;
    return command;
}

}  // namespace

domain::LedgerId fork_id(const domain::LedgerId& from, Random& random) {
    domain::LedgerId id;
    do {
        random.fill(id.bytes);
    } while (std::memcmp(id.bytes.data(), from.bytes.data(), kCursorIdBytes) == 0);
    return id;
}

domain::Result<FramePtr> make_fork_frame(const LogEnd& end, const domain::LedgerId& id,
                                         std::string_view reason, Clock& clock, Random& random) {
    const std::int64_t now_us = clock.now_us();
    domain::Lineage::State state;
    state.id = end.ledger;
    const auto events =
        domain::Lineage::decide(command_of(end.partition, id, reason, now_us), state);
    if (!events) return domain::fail(domain::ErrorCode::invalid_argument, events.error().message);
    EventIds ids(random);
    const std::int64_t recorded_at_us = std::max(now_us, end.head.recorded_at_us + 1);
    const PlacedEvent placed{&events->front(), ids.next(recorded_at_us), end.version + 1};
    return Frame::encode(id, {end.partition, end.head.next_ordinal}, recorded_at_us, std::nullopt,
                         {}, std::span(&placed, 1));
}

}  // namespace decklog::store
