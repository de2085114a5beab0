// The one writer of a partition as its ledger sees it: one that makes RocksDB durable (writer.hpp),
// or one whose log is a Kafka topic (store/kafka/partition.hpp). Any thread.
#pragma once

#include "store/ledger.hpp"

namespace decklog::store {

class PartitionWriter {
  public:
    virtual ~PartitionWriter() = default;

    virtual void submit(std::vector<Submission> submissions, Completion done) = 0;
    [[nodiscard]] virtual Head head() const = 0;
    [[nodiscard]] virtual domain::LedgerId ledger_id() const = 0;
    [[nodiscard]] virtual WriterState state() const = 0;
    [[nodiscard]] virtual std::optional<StorageFailure> failure() const = 0;
    [[nodiscard]] virtual std::int64_t clock_behind_us() const = 0;
    [[nodiscard]] virtual std::size_t queue_depth() const = 0;
    [[nodiscard]] virtual std::int64_t last_turn_boot_us() const = 0;
    [[nodiscard]] virtual std::unique_ptr<Subscription> on_durable(
        LogReader::Listener listener) = 0;
    /// Refuses new calls from now on, without waiting: for those who stop several.
    virtual void begin_stop() = 0;
    /// Refuses new calls, finishes what is queued; waits for that unless called on the writer's own
    /// thread.
    virtual void stop() = 0;
};

}  // namespace decklog::store
