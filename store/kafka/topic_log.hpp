// A partition's log as its topic tells it, record by record: each one judged by the rule of all
// nodes (judgement.hpp), each accepted commit held to the chain. Knows where it stands and nothing
// of rows, so that a node can keep it in its rows and `copy` in memory. Pure.
#pragma once

#include <functional>

#include "store/kafka/look_ahead.hpp"
#include "store/kafka/replica_state.hpp"
#include "store/writer/overlay.hpp"

namespace decklog::store::kafka {

/// What became of one record.
struct Step {
    Verdict verdict = Verdict::dropped;
    RecordKind kind = RecordKind::announce;
    std::int64_t offset = 0;
    std::int64_t epoch = kNoEpoch;
    Nonce nonce{};
    std::uint64_t seq = 0;
    FramePtr frame;  // of an accepted commit
};

class TopicLog {
  public:
    explicit TopicLog(std::uint32_t partition) : partition_(partition) {}
    TopicLog(std::uint32_t partition, ReplicaState state, const Head& head,
             const domain::LedgerId& ledger)
        : partition_(partition), state_(std::move(state)), head_(head), ledger_(ledger) {}

    /// What the log's keeper knows and has to say. Neither is kept.
    struct Keeper {
        /// Was an announce with this nonce taken before?
        std::function<domain::Result<bool>(const Nonce&)> knows;
        /// A commit is about to be accepted, and this is the head behind it; an error refuses it.
        std::function<domain::Result<void>(const FramePtr&, const Head&)> accepts;
        /// What this node's own writer made right behind this end of the log, if anything: where a
        /// record holds the same bytes it is not checked and hashed again. May be empty.
        std::function<std::optional<Made>(const Head&)> made{};
        /// What was found out about this record ahead of its turn, a frame at least; may be
        /// nullptr.
        const Ahead* ahead = nullptr;
    };
    /// After an error it stands where it stood. Errors: corrupt (diverged, damaged, or not the next
    /// record), other_format, the keeper's.
    [[nodiscard]] domain::Result<Step> take(const Fetched& fetched, const Keeper& keeper);

    /// The record that was taken last: what the state that is kept says of it. Once a batch, since
    /// the hash costs a tenth of all that is done with a record.
    void note_last(const Fetched& fetched);

    [[nodiscard]] const ReplicaState& state() const { return state_; }
    [[nodiscard]] const Head& head() const { return head_; }
    /// All zeros before LedgerCreated.
    [[nodiscard]] const domain::LedgerId& ledger() const { return ledger_; }
    [[nodiscard]] std::uint32_t partition() const { return partition_; }

  private:
    [[nodiscard]] domain::Result<Judgement> judge_next(const RecordHeader& header,
                                                       const Keeper& keeper) const;
    [[nodiscard]] domain::Result<Made> next_frame(std::span<const std::uint8_t> body,
                                                  const Keeper& keeper) const;
    [[nodiscard]] domain::Result<FramePtr> accept(std::span<const std::uint8_t> body,
                                                  const Keeper& keeper);

    std::uint32_t partition_;
    ReplicaState state_;
    Head head_;
    domain::LedgerId ledger_;
};

}  // namespace decklog::store::kafka
