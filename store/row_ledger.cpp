#include "store/row_ledger.hpp"

#include <algorithm>
#include <future>
#include <mutex>

#include "domain/check.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

domain::Result<std::optional<CommandRow>> find_command(const RowReader& rows,
                                                       std::uint32_t partition,
                                                       const domain::CommandKey& key) {
    const auto value = rows.get(RowFamily::command, command_row_key(partition, key));
    if (!value) return tl::unexpected(value.error());
    if (!*value) return std::optional<CommandRow>();
    auto row = parse_command(**value);
    if (!row) return domain::fail(domain::ErrorCode::corrupt, "ledger/ command: odd row");
    return row;
}

/// A key is made of its workspace, so it stands in one partition if in any.
domain::Result<std::optional<CommandRow>> find_command_in_any(const RowLedger& ledger,
                                                              const domain::CommandKey& key) {
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition) {
        auto found = find_command(ledger.rows(), partition, key);
        if (!found || *found) return found;
    }
    return std::optional<CommandRow>();
}

/// How far from serving: who takes everything, who may in a while, who never does again.
int badness(WriterState state) {
    switch (state) {
        case WriterState::ready:
            return 0;
        case WriterState::clock_refused:
            return 1;
        case WriterState::disk_low:
            return 2;
        case WriterState::read_only:
            return 3;
        case WriterState::stopping:
            return 4;
        case WriterState::failed:
            return 5;
    }
    return 5;
}

/// One listener of several writers: called by one of them at a time.
class SharedSubscription final : public Subscription {
  public:
    SharedSubscription(const RowLedger::Writers& writers, LogReader::Listener listener)
        : listener_(std::move(listener)) {
        for (const auto& writer : writers) {
            each_.push_back(writer->on_durable([this](std::span<const FramePtr> frames) {
                const std::lock_guard lock(mutex_);
                listener_(frames);
            }));
        }
    }

  private:
    std::mutex mutex_;
    const LogReader::Listener listener_;
    std::vector<std::unique_ptr<Subscription>> each_;  // last: they call the listener
};

}  // namespace

RowLedger::RowLedger(std::unique_ptr<RowStore> rows, Writers writers)
    : rows_(std::move(rows)), writers_(std::move(writers)) {
    DECKLOG_CHECK(!writers_.empty());
}

Head RowLedger::head(std::uint32_t partition) const {
    return partition < writers_.size() ? writers_[partition]->head() : Head{};
}

domain::Result<void> RowLedger::read(domain::Position from, const FrameSink& sink) const {
    return read_frames(*rows_, from, sink);
}

domain::Result<FramePtr> RowLedger::frame_at(domain::Position position) const {
    return store::frame_at(*rows_, position);
}

domain::Result<domain::Bytes32> RowLedger::chain_before(domain::Position position) const {
    if (const Head now = head(position.partition); now.next_ordinal == position.ordinal)
        return now.chain;
    return store::chain_before(*rows_, position);
}

domain::Result<void> RowLedger::scan(std::uint32_t partition, const IndexKey& key, Order order,
                                     std::optional<domain::Position> after,
                                     const PositionSink& sink) const {
    return scan_index(*rows_, partition, key, order, after, sink);
}

/// A stream stands in one partition, that of its workspace.
domain::Result<std::uint64_t> RowLedger::stream_version(const domain::StreamRef& stream) const {
    const domain::Bytes16 hash = stream_hash(stream.workspace, stream.stream);
    for (std::uint32_t partition = 0; partition < partitions(); ++partition) {
        auto version = stored_stream_version(*rows_, partition, hash);
        if (!version || *version > 0) return version;
    }
    return 0;
}

domain::Result<domain::Bytes> RowLedger::raw_body(const domain::RawRef& ref) const {
    for (std::uint32_t partition = 0; partition < partitions(); ++partition) {
        auto value = rows_->get(RowFamily::raw, raw_key(partition, ref.day, ref.id));
        if (!value) return tl::unexpected(std::move(value).error());
        if (*value) return domain::Bytes((*value)->begin(), (*value)->end());
    }
    return domain::fail(domain::ErrorCode::not_found, "the raw body is no longer kept");
}

domain::Result<bool> RowLedger::adds_nothing(const Submission& submission) const {
    if (!submission.key) return false;
    const auto known = find_command_in_any(*this, *submission.key);
    if (!known) return tl::unexpected(known.error());
    if (!*known) return false;
    const bool is_new_event = submission.on_other_content == OtherContent::is_new_event &&
                              (*known)->request_hash != submission.request_hash;
    if (!is_new_event || !submission.other_key) return true;
    const auto refiled = find_command_in_any(*this, *submission.other_key);
    if (!refiled) return tl::unexpected(refiled.error());
    return refiled->has_value();
}

std::unique_ptr<Subscription> RowLedger::on_durable(Listener listener) {
    if (writers_.size() == 1) return writers_.front()->on_durable(std::move(listener));
    return std::make_unique<SharedSubscription>(writers_, std::move(listener));
}

void RowLedger::submit(std::uint32_t partition, std::vector<Submission> submissions,
                       Completion done) {
    DECKLOG_CHECK(partition < writers_.size());
    writers_[partition]->submit(std::move(submissions), std::move(done));
}

domain::Result<void> RowLedger::purge_raw(std::span<const RawRange> erased,
                                          std::atomic<bool>* cancelled) {
    if (erased.empty()) return {};
    std::vector<RowRange> ranges;
    for (std::uint32_t partition = 0; partition < partitions(); ++partition) {
        const auto key = [partition](std::uint32_t day, const domain::RawId& id) {
            return std::string(raw_key(partition, day, id).view());
        };
        for (const RawRange& range : erased)
            ranges.push_back({key(range.first_day, range.first), key(range.last_day, range.last)});
    }
    return rows_->purge(RowFamily::raw, ranges, cancelled);
}

WriterState RowLedger::state() const {
    WriterState worst = WriterState::ready;
    for (const auto& writer : writers_)
        worst = std::max(worst, writer->state(), [](WriterState left, WriterState right) {
            return badness(left) < badness(right);
        });
    return worst;
}

std::optional<StorageFailure> RowLedger::failure() const {
    for (const auto& writer : writers_) {
        if (auto failure = writer->failure()) return failure;
    }
    return std::nullopt;
}

std::int64_t RowLedger::clock_behind_us() const {
    std::int64_t most = 0;
    for (const auto& writer : writers_) most = std::max(most, writer->clock_behind_us());
    return most;
}

std::size_t RowLedger::queue_depth() const {
    std::size_t calls = 0;
    for (const auto& writer : writers_) calls += writer->queue_depth();
    return calls;
}

std::int64_t RowLedger::last_turn_boot_us() const {
    std::int64_t oldest = writers_.front()->last_turn_boot_us();
    for (const auto& writer : writers_) oldest = std::min(oldest, writer->last_turn_boot_us());
    return oldest;
}

void RowLedger::stop() {
    for (const auto& writer : writers_) writer->begin_stop();
    for (const auto& writer : writers_) writer->stop();
}

domain::Intent repeat_intent(std::string command) {
    return {std::move(command), {}, {}, [](domain::Histories) {
                return domain::Decision<domain::Events>(domain::reject(
                    "not_a_repeat", "the log lost a key that it had; send the request again"));
            }};
}

std::vector<Answer> submit_and_wait(Ledger& ledger, std::uint32_t partition,
                                    std::vector<Submission> submissions) {
    // Shared: set_value may still be at work on it when the waiter has its answers already.
    const auto promise = std::make_shared<std::promise<std::vector<Answer>>>();
    auto answers = promise->get_future();
    ledger.submit(partition, std::move(submissions), [promise](std::vector<Answer> released) {
        promise->set_value(std::move(released));
    });
    return answers.get();
}

}  // namespace decklog::store
