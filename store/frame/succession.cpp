#include "store/frame/succession.hpp"

#include "domain/ledger/lineage.hpp"
#include "store/frame/frame_header.hpp"

namespace decklog::store {
namespace {

tl::unexpected<domain::Error> corrupt(const char* what) {
    return domain::fail(domain::ErrorCode::corrupt, what);
}

}  // namespace

domain::Result<domain::LedgerId> succeed(const Frame& frame, std::uint32_t partition,
                                         const Head& head, const domain::LedgerId& ledger) {
    if (frame.first() != domain::Position{partition, head.next_ordinal})
        return corrupt("the frame says that it stands elsewhere");
    if (head.next_ordinal > 0 && frame.header().recorded_at_us <= head.recorded_at_us)
        return corrupt("recorded_at went back");
    const domain::EventView event = frame.event(0);
    std::optional<domain::LedgerId> writer = ledger;
    if (frame.first().ordinal == 0) {
        writer = domain::created_id_of(event);
        if (!writer) return corrupt("a log begins with LedgerCreated");
    } else if (const auto fork = domain::fork_of(event)) {
        if (fork->from != ledger) return corrupt("LedgerForked does not follow from its ledger");
        writer = fork->to;
    }
    if (frame.header().ledger != ledger_prefix(*writer))
        return corrupt("the frame belongs to another ledger");
    return *writer;
}

Head head_after(const Head& head, const Frame& frame) {
    return head_after(head, frame, body_digest(frame));
}

Head head_after(const Head& head, const Frame& frame, const domain::Bytes32& body) {
    return {frame.last().ordinal + 1, frame.header().recorded_at_us,
            chain_step(head.chain, frame, body)};
}

}  // namespace decklog::store
