#include "store/kafka/replica.hpp"

#include <algorithm>

#include "store/frame/frame.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store::kafka {
namespace {

using domain::ErrorCode;

constexpr std::size_t kManyRecords = 1'024;  // pay to be looked at by several threads

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
    const auto stored = rows.get(RowFamily::meta, replica_key(partition));
    if (!stored) return tl::unexpected(stored.error());
    const auto head = stored_head(rows, partition);
    if (!head) return tl::unexpected(head.error());
    if (!*stored) {
        if (*head) return corrupt("ledger/ meta: rows of a log, but not of a topic's");
        return Replica(rows, TopicLog(partition));
    }
    auto state = decode_state(**stored);
    if (!state) return corrupt("ledger/ meta: odd replica state");
    if (!*head) return Replica(rows, TopicLog(partition, *std::move(state), {}, {}));
    const auto identity = stored_identity(rows, partition);
    if (!identity) return tl::unexpected(identity.error());
    if (!*identity) return corrupt("ledger/ meta: a log without its name");
    return Replica(rows, TopicLog(partition, *std::move(state), **head, **identity));
}

std::vector<Step> Replica::apply(std::span<const Fetched> records, Pace pace) {
    std::vector<Step> steps;
    if (stopped_ || records.empty()) return steps;
    const domain::LedgerId named = ledger();
    overlay_.begin(head(), named);
    nonces_.clear();
    const auto batch = pace == Pace::bulk ? rows_->new_bulk_batch() : rows_->new_batch();
    const bool are_own = made_ && made_(head());
    const bool are_many = pace == Pace::bulk || records.size() >= kManyRecords;
    const std::vector<Ahead> ahead =
        are_many && !are_own ? look_ahead(*rows_, partition(), records) : std::vector<Ahead>();
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto taken = take(records[i], ahead.empty() ? nullptr : &ahead[i], *batch);
        if (!taken) break;
        steps.push_back(*std::move(taken));
    }
    if (steps.empty()) return steps;
    if (!overlay_.frames().empty()) overlay_.write_to(*batch);
    if (ledger() != named)
        batch->put(RowFamily::meta, identity_key(partition()),
                   identity_value({kDiskFormat, ledger()}));
    log_.note_last(records[steps.size() - 1]);
    batch->put(RowFamily::meta, replica_key(partition()), encode_state(state()));
    if (auto committed = rows_->commit(*batch); !committed) {
        stopped_ = std::move(committed).error();
        return {};
    }
    overlay_.remember();
    return steps;
}

std::optional<Step> Replica::take(const Fetched& fetched, const Ahead* ahead, RowBatch& batch) {
    if (ahead != nullptr && ahead->frame == nullptr) ahead = nullptr;
    auto taken = log_.take(fetched, {[this](const Nonce& nonce) { return is_known(nonce); },
                                     [this, ahead](const FramePtr& frame, const Head& after) {
                                         return accept(frame, after, ahead);
                                     },
                                     made_, ahead});
    if (!taken) {
        stopped_ = std::move(taken).error();
        stopped_->context = "partition " + std::to_string(partition()) + ", offset " +
                            std::to_string(fetched.offset) + ": " + stopped_->context;
        return std::nullopt;
    }
    if (taken->verdict == Verdict::announced) {
        nonces_.push_back(taken->nonce);
        batch.put(RowFamily::meta, announce_key(partition(), taken->nonce.bytes),
                  ordinal_value(static_cast<std::uint64_t>(fetched.offset)));
    }
    return *std::move(taken);
}

domain::Result<void> Replica::accept(const FramePtr& frame, const Head& after, const Ahead* ahead) {
    if (auto checked = check_key(*frame, ahead); !checked) return checked;
    const auto hashed = ahead != nullptr ? std::vector<domain::Bytes16>() : stream_hashes(*frame);
    const std::span<const domain::Bytes16> streams = ahead != nullptr ? ahead->streams : hashed;
    if (auto checked = check_versions(*frame, streams); !checked) return checked;
    overlay_.append(frame, streams, after);
    return {};
}

domain::Result<bool> Replica::is_known(const Nonce& nonce) const {
    if (std::find(nonces_.begin(), nonces_.end(), nonce) != nonces_.end()) return true;
    const auto row = rows_->get(RowFamily::meta, announce_key(partition(), nonce.bytes));
    if (!row) return tl::unexpected(row.error());
    return row->has_value();
}

domain::Result<void> Replica::check_key(const Frame& frame, const Ahead* ahead) const {
    const auto key = frame.command_key();
    if (!key) return {};
    const bool is_in_no_row = ahead != nullptr && ahead->is_new_key;
    const auto known =
        is_in_no_row
            ? domain::Result<std::optional<KnownCommand>>(overlay_.find_command_of_turn(*key))
            : overlay_.find_command(*key);
    if (!known) return tl::unexpected(known.error());
    if (*known) return broken_rule(frame, "applies a command key for the second time");
    return {};
}

domain::Result<void> Replica::check_versions(const Frame& frame,
                                             std::span<const domain::Bytes16> streams) {
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const auto so_far = streams.first(i);
        const auto before =
            static_cast<std::uint64_t>(std::count(so_far.begin(), so_far.end(), streams[i]));
        const auto version = overlay_.stream_version(streams[i]);
        if (!version) return tl::unexpected(version.error());
        if (frame.event(i).stream_version() != *version + before + 1)
            return broken_rule(frame, "does not go on from its stream's version");
    }
    return {};
}

}  // namespace decklog::store::kafka
