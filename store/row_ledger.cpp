#include "store/row_ledger.hpp"

#include <future>

#include "domain/check.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;  // embedded: one

domain::Result<std::optional<CommandRow>> find_command(const RowReader& rows,
                                                       const domain::CommandKey& key) {
    const auto value = rows.get(RowFamily::command, command_row_key(kPartition, key));
    if (!value) return tl::unexpected(value.error());
    if (!*value) return std::optional<CommandRow>();
    auto row = parse_command(**value);
    if (!row) return domain::fail(domain::ErrorCode::corrupt, "ledger/ command: odd row");
    return row;
}

}  // namespace

Head RowLedger::head(std::uint32_t partition) const {
    return partition == kPartition ? writer_->head() : Head{};
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

domain::Result<std::uint64_t> RowLedger::stream_version(const domain::StreamRef& stream) const {
    return stored_stream_version(*rows_, kPartition, stream_hash(stream.workspace, stream.stream));
}

domain::Result<domain::Bytes> RowLedger::raw_body(const domain::RawRef& ref) const {
    auto value = rows_->get(RowFamily::raw, raw_key(kPartition, ref.day, ref.id));
    if (!value) return tl::unexpected(std::move(value).error());
    if (!*value)
        return domain::fail(domain::ErrorCode::not_found, "the raw body is no longer kept");
    return domain::Bytes((*value)->begin(), (*value)->end());
}

domain::Result<bool> RowLedger::adds_nothing(const Submission& submission) const {
    if (!submission.key) return false;
    const auto known = find_command(*rows_, *submission.key);
    if (!known) return tl::unexpected(known.error());
    if (!*known) return false;
    const bool is_new_event = submission.on_other_content == OtherContent::is_new_event &&
                              (*known)->request_hash != submission.request_hash;
    if (!is_new_event || !submission.other_key) return true;
    const auto refiled = find_command(*rows_, *submission.other_key);
    if (!refiled) return tl::unexpected(refiled.error());
    return refiled->has_value();
}

std::unique_ptr<Subscription> RowLedger::on_durable(Listener listener) {
    return writer_->on_durable(std::move(listener));
}

void RowLedger::submit(std::uint32_t partition, std::vector<Submission> submissions,
                       Completion done) {
    DECKLOG_CHECK(partition == kPartition);
    writer_->submit(std::move(submissions), std::move(done));
}

domain::Result<void> RowLedger::purge_raw(std::span<const RawRange> erased,
                                          std::atomic<bool>* cancelled) {
    if (erased.empty()) return {};
    const auto key = [](std::uint32_t day, const domain::RawId& id) {
        return std::string(raw_key(kPartition, day, id).view());
    };
    std::vector<RowRange> ranges;
    for (const RawRange& range : erased)
        ranges.push_back({key(range.first_day, range.first), key(range.last_day, range.last)});
    return rows_->purge(RowFamily::raw, ranges, cancelled);
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
