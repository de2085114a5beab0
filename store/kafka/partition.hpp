// One partition on this node, running: a thread that fetches records, applies them, tells whoever
// listens, hands the owner its reports and its calls. Everything that decides anything is in
// replica.hpp and owner.hpp; here are the clock, the queue and the brokers.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "store/kafka/backlog.hpp"
#include "store/kafka/kafka_consumer.hpp"
#include "store/kafka/kafka_producer.hpp"
#include "store/kafka/node.hpp"
#include "store/kafka/owner.hpp"
#include "store/kafka/raw_reader.hpp"
#include "store/rocks_ledger.hpp"
#include "store/writer/listeners.hpp"
#include "store/writer/partition_writer.hpp"

namespace decklog::store::kafka {

/// What operators look at.
struct PartitionFacts {
    std::int64_t next_offset = 0;
    std::int64_t end_offset = 0;  // of the topic, as far as is known
    std::int64_t epoch = kNoEpoch;
    std::string owner_url;  // of the live epoch
    bool is_owned = false;  // by this node, as far as the group says
    bool is_live = false;   // and its epoch lives: it may write
    std::string follows;    // why this node may not own the partition; empty: it may
    std::string stopped;    // why nothing is applied any more; empty: it is
};

class Partition final : public PartitionWriter {
  public:
    /// Finds its topic again and starts the thread. `rows` outlives it. Errors: corrupt (another
    /// topic, or cut), io (retryable), invalid_argument.
    [[nodiscard]] static domain::Result<std::unique_ptr<Partition>> start(
        RowStore& rows, std::uint32_t partition, std::shared_ptr<Node> node,
        const ClusterOptions& cluster, const LedgerOptions& options);
    ~Partition() override;
    Partition(const Partition&) = delete;
    Partition& operator=(const Partition&) = delete;

    [[nodiscard]] PartitionFacts facts() const;

    void submit(std::vector<Submission> submissions, Completion done) override;
    [[nodiscard]] Head head() const override;
    [[nodiscard]] domain::LedgerId ledger_id() const override;
    [[nodiscard]] WriterState state() const override;
    [[nodiscard]] std::optional<StorageFailure> failure() const override;
    [[nodiscard]] std::int64_t clock_behind_us() const override {
        return admission_.clock_behind_us();
    }
    [[nodiscard]] std::size_t queue_depth() const override { return queue_.depth(); }
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return last_turn_boot_us_.load();
    }
    [[nodiscard]] std::unique_ptr<Subscription> on_durable(LogReader::Listener listener) override {
        return listeners_.add(std::move(listener));
    }
    void begin_stop() override;
    /// Refuses new calls, waits for what is in flight; the last one of a node leaves the group.
    void stop() override;

  private:
    Partition(RowStore& rows, Replica replica, std::shared_ptr<Node> node,
              const ClusterOptions& cluster, const LedgerOptions& options);
    void run();
    void turn();
    void look_around();
    void tell_node();
    void follow_group();
    [[nodiscard]] std::string why_not_own() const;
    void apply();
    void apply(const Backlog::Due& due);
    void apply_raw();
    void stop_applying();
    void hear_reports();
    void take_calls();
    void refuse_queued(Refused why, bool only_old);
    void publish();
    void refuse(Call& call, Refused why) const;
    [[nodiscard]] Completion observed(const std::vector<Submission>& submissions,
                                      Completion done) const;

    const std::shared_ptr<Node> node_;
    Clock& clock_;
    Observer* const observer_;
    Bell bell_;
    Admission admission_;
    CallQueue queue_;
    Listeners listeners_;
    Replica replica_;
    Backlog backlog_;
    std::chrono::steady_clock::time_point last_fetched_;
    std::optional<KafkaConsumer> consumer_;
    std::optional<RawReader> raw_;
    const std::uint32_t raw_days_;
    std::int64_t raw_swept_boot_us_;
    KafkaProducer producer_;
    Owner owner_;
    std::deque<Call> calls_;   // taken from the queue, not yet decided
    std::uint32_t level_ = 0;  // of the log, as applied
    mutable std::mutex mutex_;
    Head head_;                // applied; guarded by mutex_
    domain::LedgerId ledger_;  // guarded by mutex_
    PartitionFacts facts_;     // guarded by mutex_
    std::atomic<bool> failed_{false};
    std::atomic<bool> stopping_{false};
    std::atomic<std::int64_t> last_turn_boot_us_;
    std::mutex join_mutex_;
    std::thread thread_;
};

}  // namespace decklog::store::kafka
