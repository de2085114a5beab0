#include "store/kafka/topic_log.hpp"

#include <algorithm>

#include "store/frame/frame.hpp"
#include "store/frame/succession.hpp"

namespace decklog::store::kafka {
namespace {

tl::unexpected<domain::Error> corrupt(std::string what) {
    return domain::fail(domain::ErrorCode::corrupt, std::move(what));
}

}  // namespace

domain::Result<Judgement> TopicLog::judge_next(const RecordHeader& header,
                                               const Keeper& keeper) const {
    bool known = false;
    if (header.kind == RecordKind::announce) {
        const auto found = keeper.knows(header.nonce);
        if (!found) return tl::unexpected(found.error());
        known = *found;
    }
    const Judgement judgement = judge(state_.live, head_, header, known);
    if (judgement.verdict == Verdict::diverged)
        return corrupt("diverged: " + std::string(judgement.reason));
    return judgement;
}

domain::Result<Step> TopicLog::take(const Fetched& fetched, const Keeper& keeper) {
    if (fetched.offset != state_.next_offset) {
        return corrupt("the topic goes on here instead of at " +
                       std::to_string(state_.next_offset) + ": records were deleted");
    }
    auto record = decode_record(fetched.bytes);
    if (!record) return tl::unexpected(std::move(record).error());
    const RecordHeader& header = record->header;
    const auto judgement = judge_next(header, keeper);
    if (!judgement) return tl::unexpected(judgement.error());
    Step step{judgement->verdict, header.kind, fetched.offset, header.epoch,
              header.nonce,       header.seq,  nullptr};
    if (step.verdict == Verdict::accepted && header.kind == RecordKind::commit) {
        auto frame = accept(record->body, keeper);
        if (!frame) return tl::unexpected(std::move(frame).error());
        step.frame = *std::move(frame);
    }
    if (step.verdict == Verdict::announced) {
        auto owner = decode_announcement(record->body);
        if (!owner) return tl::unexpected(std::move(owner).error());
        state_.owner = *std::move(owner);
    }
    state_.live = follow(state_.live, step.verdict, header, fetched.offset);
    state_.next_offset = fetched.offset + 1;
    return step;
}

void TopicLog::note_last(const Fetched& fetched) {
    state_.last_record = record_hash(fetched.bytes);
}

/// The frame of the bytes, and where the log would end behind it.
domain::Result<Made> TopicLog::next_frame(std::span<const std::uint8_t> body,
                                          const Keeper& keeper) const {
    if (keeper.ahead != nullptr) {
        const FramePtr& frame = keeper.ahead->frame;
        return Made{frame, head_after(head_, *frame, keeper.ahead->body)};
    }
    if (keeper.made) {
        auto made = keeper.made(head_);
        if (made && std::ranges::equal(body, made->frame->bytes())) return *std::move(made);
    }
    auto frame = Frame::decode(body);
    if (!frame) return tl::unexpected(std::move(frame).error());
    return Made{*frame, head_after(head_, **frame)};
}

domain::Result<FramePtr> TopicLog::accept(std::span<const std::uint8_t> body,
                                          const Keeper& keeper) {
    auto next = next_frame(body, keeper);
    if (!next) return tl::unexpected(std::move(next).error());
    const auto writer = succeed(*next->frame, partition_, head_, ledger_);
    if (!writer) return tl::unexpected(writer.error());
    if (auto accepted = keeper.accepts(next->frame, next->after); !accepted)
        return tl::unexpected(std::move(accepted).error());
    head_ = next->after;
    ledger_ = *writer;
    return std::move(next->frame);
}

}  // namespace decklog::store::kafka
