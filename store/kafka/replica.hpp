// One partition as a node has it: takes the topic's records in order, judges each, and writes the
// rows of what it accepts together with where it stands, in one batch. The same code on every node,
// owner or not. No clock and no broker in here, so that a simulation can drive it; what several
// threads find out about many records does not depend on them.
//
// Stops for good, in this process, at a record that it cannot square with its log: what is wrong is
// then for an operator to find out, and serving on would hide it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "store/kafka/topic_log.hpp"
#include "store/rows/rows.hpp"
#include "store/writer/overlay.hpp"

namespace decklog::store::kafka {

/// `bulk`: tens of thousands of records in one batch, which the store may write another way.
enum class Pace : std::uint8_t { live, bulk };

class Replica {
  public:
    /// Where the rows say this node stands; an empty store begins at offset 0. `rows` outlives it.
    /// Errors: corrupt, io.
    [[nodiscard]] static domain::Result<Replica> recover(RowStore& rows, std::uint32_t partition);

    /// Takes the next records. What was applied is in the rows when it returns, even if it stopped
    /// behind that: then `stopped()` says why.
    [[nodiscard]] std::vector<Step> apply(std::span<const Fetched> records, Pace pace = Pace::live);
    /// What this node's own writer has made and not read back (TopicLog::Keeper): saves the owner
    /// checking and hashing its own commits twice. Outlives the replica's last apply.
    void know_own(std::function<std::optional<Made>(const Head&)> made) { made_ = std::move(made); }

    /// Applies nothing more: the topic is not the one that was read any more.
    void stop(domain::Error why) { stopped_ = std::move(why); }
    [[nodiscard]] const std::optional<domain::Error>& stopped() const { return stopped_; }
    [[nodiscard]] const ReplicaState& state() const { return log_.state(); }
    [[nodiscard]] const Head& head() const { return log_.head(); }
    /// All zeros before LedgerCreated.
    [[nodiscard]] const domain::LedgerId& ledger() const { return log_.ledger(); }
    [[nodiscard]] bool is_created() const { return head().next_ordinal > 0; }
    [[nodiscard]] std::uint32_t partition() const { return log_.partition(); }

  private:
    Replica(RowStore& rows, TopicLog log)
        : rows_(&rows), log_(std::move(log)), overlay_(rows, log_.partition()) {}
    /// `ahead`: what is known of it already; may be nullptr. nullopt: it stopped.
    [[nodiscard]] std::optional<Step> take(const Fetched& fetched, const Ahead* ahead,
                                           RowBatch& batch);
    [[nodiscard]] domain::Result<void> accept(const FramePtr& frame, const Head& after,
                                              const Ahead* ahead);
    [[nodiscard]] domain::Result<bool> is_known(const Nonce& nonce) const;
    [[nodiscard]] domain::Result<void> check_key(const Frame& frame, const Ahead* ahead) const;
    [[nodiscard]] domain::Result<void> check_versions(const Frame& frame,
                                                      std::span<const domain::Bytes16> streams);

    RowStore* rows_;
    TopicLog log_;
    Overlay overlay_;            // of the batch at hand
    std::vector<Nonce> nonces_;  // announced in the batch at hand
    std::function<std::optional<Made>(const Head&)> made_;
    std::optional<domain::Error> stopped_;
};

}  // namespace decklog::store::kafka
