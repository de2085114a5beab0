// The ledger over rows, whatever they stand on: one writer, and readers that see only what is
// durable. RocksDB and memory differ in their rows and in how they start, in nothing else.
#pragma once

#include <memory>

#include "store/rows/rows.hpp"
#include "store/writer/partition_writer.hpp"

namespace decklog::store {

class RowLedger final : public Ledger {
  public:
    /// `writer` writes to `rows` alone.
    RowLedger(std::unique_ptr<RowStore> rows, std::unique_ptr<PartitionWriter> writer)
        : rows_(std::move(rows)), writer_(std::move(writer)) {}

    [[nodiscard]] const RowStore& rows() const { return *rows_; }

    // LogReader
    [[nodiscard]] domain::LedgerId ledger_id() const override { return writer_->ledger_id(); }
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
    [[nodiscard]] WriterState state() const override { return writer_->state(); }
    [[nodiscard]] std::optional<StorageFailure> failure() const override {
        return writer_->failure();
    }
    [[nodiscard]] std::int64_t clock_behind_us() const override {
        return writer_->clock_behind_us();
    }
    [[nodiscard]] std::size_t queue_depth() const override { return writer_->queue_depth(); }
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return writer_->last_turn_boot_us();
    }
    void stop() override { writer_->stop(); }

  private:
    const std::unique_ptr<RowStore> rows_;
    const std::unique_ptr<PartitionWriter> writer_;  // last: its thread uses the rows
};

}  // namespace decklog::store
