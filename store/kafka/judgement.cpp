#include "store/kafka/judgement.hpp"

namespace decklog::store::kafka {
namespace {

/// The next record must stand where this log ends, or this node has lost or gained something.
bool stands_elsewhere(const Head& head, const RecordHeader& record) {
    return record.first_position != head.next_ordinal || record.prev_head != head.chain;
}

}  // namespace

Judgement judge(const std::optional<Epoch>& live, const Head& head, const RecordHeader& record,
                bool is_known) {
    if (record.kind == RecordKind::announce) {
        if (is_known) return {Verdict::dropped, "the announce was seen before"};
        return {Verdict::announced, {}};
    }
    if (!live || record.epoch > live->offset)
        return {Verdict::diverged, "it belongs to an epoch whose announce is not in this log"};
    if (record.epoch < live->offset) return {Verdict::dropped, "its epoch is over"};
    if (record.nonce != live->nonce)
        return {Verdict::diverged, "its epoch was announced by another record than here"};
    if (record.seq == live->next_seq && stands_elsewhere(head, record))
        return {Verdict::diverged, "its writer's log ended elsewhere, or with another chain head"};
    if (live->is_broken) return {Verdict::dropped, "a record before it is missing"};
    if (record.seq < live->next_seq) return {Verdict::dropped, "it was applied before"};
    if (record.seq > live->next_seq) return {Verdict::gap, "a record before it is missing"};
    return {Verdict::accepted, {}};
}

std::optional<Epoch> follow(const std::optional<Epoch>& live, Verdict verdict,
                            const RecordHeader& record, std::int64_t offset) {
    std::optional<Epoch> next = live;
    switch (verdict) {
        case Verdict::announced:
            return Epoch{offset, record.nonce, 0, false};
        case Verdict::accepted:
            ++next->next_seq;
            return next;
        case Verdict::gap:
            next->is_broken = true;
            return next;
        case Verdict::dropped:
        case Verdict::diverged:
            return next;
    }
    return next;
}

}  // namespace decklog::store::kafka
