#include "store/kafka/replica.hpp"

#include <algorithm>

#include "store/frame/succession.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store::kafka {
namespace {

using domain::ErrorCode;

tl::unexpected<domain::Error> corrupt(std::string what) {
    return domain::fail(ErrorCode::corrupt, std::move(what));
}

/// A rule that the writer keeps was broken by what the log accepted: a bug, or a writer's rows that
/// were not ours.
tl::unexpected<domain::Error> broken_rule(const Frame& frame, const char* what) {
    return corrupt("position " + std::to_string(frame.first().ordinal) + " " + what + ": diverged");
}

}  // namespace

domain::Result<Replica> Replica::recover(RowStore& rows, std::uint32_t partition) {
    Replica replica(rows, partition);
    const auto stored = rows.get(RowFamily::meta, replica_key(partition));
    if (!stored) return tl::unexpected(stored.error());
    const auto head = stored_head(rows, partition);
    if (!head) return tl::unexpected(head.error());
    if (!*stored) {
        if (*head) return corrupt("ledger/ meta: rows of a log, but not of a topic's");
        return replica;
    }
    auto state = decode_state(**stored);
    if (!state) return corrupt("ledger/ meta: odd replica state");
    replica.state_ = *std::move(state);
    if (!*head) return replica;
    const auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(identity.error());
    if (!*identity) return corrupt("ledger/ meta: a log without its name");
    replica.head_ = **head;
    replica.ledger_ = **identity;
    return replica;
}

std::vector<Step> Replica::apply(std::span<const Fetched> records) {
    std::vector<Step> steps;
    if (stopped_ || records.empty()) return steps;
    const bool was_created = is_created();
    overlay_.begin(head_, ledger_);
    nonces_.clear();
    const auto batch = rows_->new_batch();
    for (const Fetched& fetched : records) {
        auto taken = take(fetched, *batch);
        if (!taken) break;
        steps.push_back(*std::move(taken));
    }
    if (steps.empty()) return steps;
    if (!overlay_.frames().empty()) {
        overlay_.write_to(*batch);
        if (!was_created)
            batch->put(RowFamily::meta, identity_key(), identity_value({kDiskFormat, ledger_}));
    }
    batch->put(RowFamily::meta, replica_key(partition_), encode_state(state_));
    if (auto committed = rows_->commit(*batch); !committed) {
        stopped_ = std::move(committed).error();
        return {};
    }
    overlay_.remember();
    return steps;
}

std::optional<Step> Replica::take(const Fetched& fetched, RowBatch& batch) {
    auto taken = step(fetched, batch);
    if (taken) return *std::move(taken);
    stopped_ = std::move(taken).error();
    stopped_->context = "partition " + std::to_string(partition_) + ", offset " +
                        std::to_string(fetched.offset) + ": " + stopped_->context;
    return std::nullopt;
}

domain::Result<Step> Replica::step(const Fetched& fetched, RowBatch& batch) {
    if (fetched.offset != state_.next_offset) {
        return corrupt("the topic goes on here instead of at " +
                       std::to_string(state_.next_offset) + ": records were deleted");
    }
    auto record = decode_record(fetched.bytes);
    if (!record) return tl::unexpected(std::move(record).error());
    const RecordHeader& header = record->header;
    bool known = false;
    if (header.kind == RecordKind::announce) {
        const auto found = is_known(header.nonce);
        if (!found) return tl::unexpected(found.error());
        known = *found;
    }
    const Judgement judgement = judge(state_.live, head_, header, known);
    Step step{judgement.verdict, header.kind, fetched.offset, header.epoch,
              header.nonce,      header.seq,  nullptr};
    if (judgement.verdict == Verdict::diverged)
        return corrupt("diverged: " + std::string(judgement.reason));
    if (judgement.verdict == Verdict::accepted && header.kind == RecordKind::commit) {
        auto frame = accept(record->body);
        if (!frame) return tl::unexpected(std::move(frame).error());
        step.frame = *std::move(frame);
    }
    if (judgement.verdict == Verdict::announced) {
        auto owner = decode_announcement(record->body);
        if (!owner) return tl::unexpected(std::move(owner).error());
        state_.owner = *std::move(owner);
        nonces_.push_back(header.nonce);
        batch.put(RowFamily::meta, announce_key(partition_, header.nonce.bytes),
                  ordinal_value(static_cast<std::uint64_t>(fetched.offset)));
    }
    state_.live = follow(state_.live, judgement.verdict, header, fetched.offset);
    state_.next_offset = fetched.offset + 1;
    state_.last_record = record_hash(fetched.bytes);
    return step;
}

domain::Result<FramePtr> Replica::accept(std::span<const std::uint8_t> body) {
    auto frame = Frame::decode(body);
    if (!frame) return frame;
    auto writer = succeed(**frame, partition_, head_, ledger_);
    if (!writer) return tl::unexpected(std::move(writer).error());
    if (auto checked = check_key(**frame); !checked)
        return tl::unexpected(std::move(checked).error());
    auto streams = check_versions(**frame);
    if (!streams) return tl::unexpected(std::move(streams).error());
    overlay_.append(*frame, *streams);
    head_ = overlay_.head();
    ledger_ = *writer;
    return frame;
}

domain::Result<bool> Replica::is_known(const Nonce& nonce) const {
    if (std::find(nonces_.begin(), nonces_.end(), nonce) != nonces_.end()) return true;
    const auto row = rows_->get(RowFamily::meta, announce_key(partition_, nonce.bytes));
    if (!row) return tl::unexpected(row.error());
    return row->has_value();
}

domain::Result<void> Replica::check_key(const Frame& frame) const {
    const auto key = frame.command_key();
    if (!key) return {};
    const auto known = overlay_.find_command(*key);
    if (!known) return tl::unexpected(known.error());
    if (*known) return broken_rule(frame, "applies a command key for the second time");
    return {};
}

domain::Result<std::vector<domain::Bytes16>> Replica::check_versions(const Frame& frame) {
    std::vector<domain::Bytes16> streams;
    streams.reserve(frame.event_count());
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const domain::EventView event = frame.event(i);
        streams.push_back(stream_hash(event.workspace(), event.stream()));
        const auto before = static_cast<std::uint64_t>(
            std::count(streams.begin(), streams.end() - 1, streams.back()));
        const auto version = overlay_.stream_version(streams.back());
        if (!version) return tl::unexpected(version.error());
        if (event.stream_version() != *version + before + 1)
            return broken_rule(frame, "does not go on from its stream's version");
    }
    return streams;
}

}  // namespace decklog::store::kafka
