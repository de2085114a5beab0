// `decklog copy` into one partition of a topic: a writer that has no rows, only the ledger it
// copies. It reads what the topic holds already, holds that to the source, announces itself, and
// sends what is missing, frames unchanged, then a LedgerForked; each record is read back and judged
// like on every node, so that what it says is done stands in the log. Anybody else's announce, a
// lost record or a silent broker ends it; repeating it goes on from what is there. The partitions
// are seen to by fill_topic.hpp. One thread.
#pragma once

#include <optional>
#include <set>

#include "store/clock.hpp"
#include "store/copy/source.hpp"
#include "store/kafka/kafka_consumer.hpp"
#include "store/kafka/kafka_producer.hpp"
#include "store/kafka/topic_log.hpp"

namespace decklog::store::kafka {

class TopicFiller {
  public:
    /// Reads the log that is there; the topics are there (make_topics). `source` outlives the
    /// filler. Errors: other_ledger (it holds something else than the beginning of the source),
    /// corrupt, io (retryable: the brokers are away).
    [[nodiscard]] static domain::Result<std::unique_ptr<TopicFiller>> open(
        const ClusterOptions& cluster, const Ledger& source, std::uint32_t partition);

    /// Events of the source that the topic holds, and what came behind them.
    [[nodiscard]] std::uint64_t present() const { return log_.head().next_ordinal; }
    /// The ledger goes on there already: nothing is left to do.
    [[nodiscard]] bool is_whole() const { return forked_ && !log_.state().owner.fills; }

    /// What it is called behind the source's last event; nullopt: it does not go on there yet.
    [[nodiscard]] std::optional<domain::LedgerId> forked() const { return forked_; }

    /// The three steps of a partition that is not whole, in this order. `source` takes nothing any
    /// more (end_ledger). Errors: io (retryable: repeat), corrupt (another writer is at work here:
    /// end it first).
    ///
    /// Announces itself: from here on no node writes to the partition.
    [[nodiscard]] domain::Result<void> begin(Random& random);
    /// Sends what is missing, then the fork to `id`. `progress`: events of this partition.
    [[nodiscard]] domain::Result<void> fill(const domain::LedgerId& id,
                                            const CopyProgress& progress, Clock& clock,
                                            Random& random);
    /// Lets the nodes go on.
    [[nodiscard]] domain::Result<void> let_go(Random& random);

  private:
    TopicFiller(const ClusterOptions& cluster, const Ledger& source, std::uint32_t partition);
    [[nodiscard]] domain::Result<void> read_what_is_there();
    [[nodiscard]] domain::Result<Step> take(const Fetched& record);
    [[nodiscard]] domain::Result<void> compare(const FramePtr& frame);
    [[nodiscard]] domain::Result<void> announce(bool fills, Random& random);
    [[nodiscard]] domain::Result<void> send_raw_bodies();
    [[nodiscard]] domain::Result<void> wait_for_raw(std::uint64_t bodies_max);
    [[nodiscard]] domain::Result<void> send(const FramePtr& frame);
    [[nodiscard]] domain::Result<void> send_missing(const CopyProgress& progress);
    [[nodiscard]] domain::Result<void> send_fork(const domain::LedgerId& id, Clock& clock,
                                                 Random& random);
    /// Reads back and hears reports until at most `records_max` are under way.
    [[nodiscard]] domain::Result<void> settle(std::size_t records_max);
    [[nodiscard]] domain::Result<bool> turn();
    [[nodiscard]] std::uint64_t accepted() const;

    const Ledger& source_;
    const std::uint32_t partition_;
    Bell bell_;
    TopicLog log_;
    std::set<Nonce> nonces_;  // announced in the topic
    std::optional<KafkaConsumer> consumer_;
    KafkaProducer producer_;
    std::optional<Nonce> mine_;
    bool is_live_ = false;  // its announce is consumed: everything from here on is its own
    std::uint64_t generation_ = 0;
    std::uint64_t next_seq_ = 0;
    std::uint64_t unreported_ = 0;
    std::uint64_t bytes_sent_ = 0, bytes_back_ = 0;
    Head sent_;  // where the log ends once all that was sent is accepted
    std::optional<domain::LedgerId> forked_;  // how the ledger is called behind the source's last
};

}  // namespace decklog::store::kafka
