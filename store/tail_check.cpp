#include "domain/check.hpp"
#include "store/frame/frame_header.hpp"
#include "store/ledger_start.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

tl::unexpected<domain::Error> corrupt(std::string what) {
    return domain::fail(ErrorCode::corrupt, "ledger/: " + std::move(what));
}

std::string text(std::uint32_t partition, std::uint64_t ordinal) {
    return std::to_string(partition) + ":" + std::to_string(ordinal);
}

/// The chain at the end of the log and, on the way, where HEAD stood.
struct Tail {
    ChainPoint end;
    std::optional<domain::Bytes32> at_noted;
};

domain::Result<Tail> walk_tail(const RowReader& rows, std::uint32_t partition, const Head& head,
                               std::uint64_t noted_next) {
    auto kept = kept_head_before(rows, partition, head.next_ordinal);
    if (!kept) return tl::unexpected(std::move(kept).error());
    Tail tail{*kept, std::nullopt};
    const auto note = [&] {
        if (tail.end.next_ordinal == noted_next) tail.at_noted = tail.end.chain;
    };
    note();
    domain::Result<void> dense;
    auto read = read_frames(rows, {partition, tail.end.next_ordinal}, [&](const FramePtr& frame) {
        if (frame->first().ordinal != tail.end.next_ordinal) {
            dense = corrupt("log " + text(partition, tail.end.next_ordinal) + " is missing");
            return false;
        }
        tail.end = {frame->last().ordinal + 1, chain_step(tail.end.chain, *frame)};
        note();
        return true;
    });
    if (!read) return tl::unexpected(std::move(read).error());
    if (!dense) return tl::unexpected(std::move(dense).error());
    return tail;
}

domain::Result<void> compare_with_noted(const RowReader& rows, const Tail& tail,
                                        const HeadFile& noted) {
    const std::uint32_t partition = noted.last.partition;
    const std::uint64_t next = noted.last.ordinal + 1;
    if (next > tail.end.next_ordinal) {
        return corrupt("the log ends at " + text(partition, tail.end.next_ordinal - 1) +
                       " but HEAD has seen " + text(partition, noted.last.ordinal) +
                       ": the log was cut; restore the files that were there; removing HEAD gives "
                       "those events up for lost");
    }
    std::optional<domain::Bytes32> chain = tail.at_noted;
    if (!chain) {
        auto derived = chain_before(rows, {partition, next});
        // No frame ends there: another log. Anything else is the disk's no, and says nothing of
        // HEAD.
        if (!derived && derived.error().code != ErrorCode::not_found)
            return tl::unexpected(std::move(derived).error());
        if (derived) chain = *derived;
    }
    if (chain != noted.chain) {
        return corrupt("the chain at " + text(partition, noted.last.ordinal) +
                       " differs from HEAD: the log is not the one that HEAD was written for");
    }
    return {};
}

}  // namespace

domain::Result<Head> check_tail(const RowReader& rows, std::uint32_t partition,
                                const domain::LedgerId& ledger,
                                const std::optional<HeadFile>& noted) {
    auto stored = stored_head(rows, partition);
    if (!stored) return tl::unexpected(std::move(stored).error());
    auto last = last_frame(rows, partition);
    if (!last) return tl::unexpected(std::move(last).error());
    if (!*stored || *last == nullptr) return corrupt("the log or its head is missing");
    const Head head = **stored;
    const Frame& newest = **last;
    if (newest.last().ordinal + 1 != head.next_ordinal ||
        newest.header().recorded_at_us != head.recorded_at_us) {
        return corrupt("the log ends at " + text(partition, newest.last().ordinal) +
                       " but its head says " + text(partition, head.next_ordinal - 1));
    }
    if (newest.header().ledger != ledger_prefix(ledger)) {
        return corrupt("log " + text(partition, newest.first().ordinal) +
                       " belongs to another ledger");
    }
    auto tail = walk_tail(rows, partition, head, noted ? noted->last.ordinal + 1 : kOrdinalMax);
    if (!tail) return tl::unexpected(std::move(tail).error());
    if (tail->end.next_ordinal != head.next_ordinal || tail->end.chain != head.chain) {
        return corrupt("the chain up to " + text(partition, head.next_ordinal - 1) +
                       " differs from its head");
    }
    if (noted && noted->last.partition == partition) {
        if (auto same = compare_with_noted(rows, *tail, *noted); !same)
            return tl::unexpected(std::move(same).error());
    }
    return head;
}

}  // namespace decklog::store
