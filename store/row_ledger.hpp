// The ledger over rows, whatever they stand on: one writer a partition, and readers that see only
// what is durable. RocksDB and memory differ in their rows and in how they start, in nothing else.
#pragma once

#include <memory>
#include <vector>

#include "store/rows/rows.hpp"
#include "store/writer/partition_writer.hpp"

namespace decklog::store {

class RowLedger final : public Ledger {
  public:
    using Writers = std::vector<std::unique_ptr<PartitionWriter>>;  // by partition; at least one

    /// `writers` write to `rows` alone.
    RowLedger(std::unique_ptr<RowStore> rows, Writers writers);

    [[nodiscard]] const RowStore& rows() const { return *rows_; }

    // LogReader
    /// Of partition 0.
    [[nodiscard]] domain::LedgerId ledger_id() const override {
        return writers_.front()->ledger_id();
    }
    [[nodiscard]] std::uint32_t partitions() const override {
        return static_cast<std::uint32_t>(writers_.size());
    }
    [[nodiscard]] Head head(std::uint32_t partition) const override;
    [[nodiscard]] domain::Result<void> read(domain::Position from,
                                            const FrameSink& sink) const override;
    [[nodiscard]] domain::Result<FramePtr> frame_at(domain::Position position) const override;
    [[nodiscard]] domain::Result<domain::Bytes32> chain_before(
        domain::Position position) const override;
    [[nodiscard]] domain::Result<void> scan(std::uint32_t partition, const IndexKey& key,
                                            Order order, std::optional<domain::Position> after,
                                            const PositionSink& sink) const override;
    [[nodiscard]] domain::Result<std::uint64_t> stream_version(
        const domain::StreamRef& stream) const override;
    [[nodiscard]] domain::Result<domain::Bytes> raw_body(const domain::RawRef& ref) const override;
    [[nodiscard]] std::unique_ptr<Subscription> on_durable(Listener listener) override;

    // Ledger
    void submit(std::uint32_t partition, std::vector<Submission> submissions,
                Completion done) override;
    [[nodiscard]] domain::Result<bool> adds_nothing(const Submission& submission) const override;
    [[nodiscard]] domain::Result<void> purge_raw(std::span<const RawRange> erased,
                                                 std::atomic<bool>* cancelled) override;
    /// The worst of any partition.
    [[nodiscard]] WriterState state() const override;
    [[nodiscard]] std::optional<StorageFailure> failure() const override;
    /// The most of any partition.
    [[nodiscard]] std::int64_t clock_behind_us() const override;
    /// Of all partitions together.
    [[nodiscard]] std::size_t queue_depth() const override;
    /// Of the one that turned longest ago.
    [[nodiscard]] std::int64_t last_turn_boot_us() const override;
    void stop() override;

  private:
    const std::unique_ptr<RowStore> rows_;
    const Writers writers_;  // last: their threads use the rows
};

}  // namespace decklog::store
