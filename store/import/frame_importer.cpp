#include "store/import/frame_importer.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "domain/check.hpp"
#include "domain/ledger/lineage.hpp"
#include "store/fork/fork_frame.hpp"
#include "store/frame/succession.hpp"
#include "store/limits.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

std::string_view as_text(std::span<const std::uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put_frame(RowBatch& batch, const Frame& frame) {
    batch.put(RowFamily::log, log_key(frame.first()), as_text(frame.bytes()));
    for_each_index_row(frame, [&batch](RowFamily family, std::string_view key,
                                       std::string_view value) { batch.put(family, key, value); });
}

}  // namespace

domain::Result<FrameImporter> FrameImporter::begin(RowStore& rows, std::uint32_t partition,
                                                   std::optional<HeadFile> noted,
                                                   HeadNote note_head) {
    FrameImporter importer(rows, partition, noted, std::move(note_head));
    const auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(identity.error());
    const auto head = stored_head(rows, partition);
    if (!head) return tl::unexpected(head.error());
    importer.is_ledger_ = identity->has_value();
    importer.stored_ = head->value_or(Head{});
    if (noted && noted->last.ordinal >= importer.stored_.next_ordinal) {
        return domain::fail(ErrorCode::corrupt, "ledger/: HEAD has seen " +
                                                    std::to_string(noted->last.partition) + ":" +
                                                    std::to_string(noted->last.ordinal) +
                                                    ", which is not there: the log was cut");
    }
    importer.batch_ = rows.new_batch();
    return importer;
}

domain::Result<void> FrameImporter::take(FramePtr frame) {
    auto writer = succeed(*frame, partition_, head_, ledger_);
    if (!writer) return tl::unexpected(std::move(writer).error());
    const std::uint64_t first = head_.next_ordinal;
    if (first < stored_.next_ordinal) {
        if (auto same = compare(*frame); !same) return same;
        present_ += frame->event_count();
    } else if (is_ledger_) {
        return domain::fail(ErrorCode::other_ledger, "this ledger ends before it");
    }
    ledger_ = *writer;
    head_ = head_after(head_, *frame);
    if (auto same = check_boundary(); !same) return same;
    if (first < stored_.next_ordinal) return {};
    add(*batch_, *frame, first);
    return batch_->bytes() < limits::kImportBatchBytes ? domain::Result<void>{} : start_commit();
}

domain::Result<void> FrameImporter::compare(const Frame& frame) const {
    const auto stored = rows_->get(RowFamily::log, log_key(frame.first()));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored || **stored != as_text(frame.bytes())) {
        return domain::fail(ErrorCode::other_ledger,
                            is_ledger_ ? "another event stands here already"
                                       : "another event stands here already, of an import that was "
                                         "not finished: finish that one, or take a new directory");
    }
    return {};
}

/// Where the stored log ends, and where HEAD stood, the chain must be the one that was noted.
domain::Result<void> FrameImporter::check_boundary() const {
    const bool at_end = head_.next_ordinal == stored_.next_ordinal;
    const bool at_noted = noted_ && noted_->last.ordinal + 1 == head_.next_ordinal;
    if ((at_end && head_.chain != stored_.chain) || (at_noted && head_.chain != noted_->chain))
        return domain::fail(ErrorCode::corrupt,
                            "the chain up to here is not the one that was noted");
    return {};
}

void FrameImporter::add(RowBatch& batch, const Frame& frame, std::uint64_t first) const {
    put_frame(batch, frame);
    if (keeps_head(first, head_.next_ordinal)) {
        batch.put(RowFamily::meta, kept_head_key(partition_, head_.next_ordinal),
                  chain_value(head_.chain));
    }
}

domain::Result<void> FrameImporter::start_commit() {
    if (auto done = await_commit(); !done) return done;
    committing_head_ = head_;
    batch_->put(RowFamily::meta, head_key(partition_), head_value(head_));
    const domain::Position last{partition_, head_.next_ordinal - 1};
    committing_ = std::async(std::launch::async,
                             [rows = rows_, last, chain = head_.chain, note_head = note_head_,
                              batch = std::shared_ptr<RowBatch>(std::move(batch_))] {
                                 auto done = rows->commit(*batch);
                                 if (done && note_head) note_head(last, chain);
                                 return done;
                             });
    batch_ = rows_->new_batch();
    return {};
}

domain::Result<void> FrameImporter::await_commit() {
    return committing_.valid() ? committing_.get() : domain::Result<void>{};
}

domain::Result<void> FrameImporter::flush() {
    if (head_.next_ordinal > stored_.next_ordinal &&
        head_.next_ordinal > committing_head_.next_ordinal) {
        if (auto started = start_commit(); !started) return started;
    }
    return await_commit();
}

domain::Result<void> FrameImporter::fork_into(RowBatch& batch, const domain::LedgerId& id,
                                              std::string_view reason, Clock& clock,
                                              Random& random) {
    if (head_.next_ordinal < stored_.next_ordinal) {
        return domain::fail(ErrorCode::other_ledger,
                            "more events stand here already than the export holds");
    }
    DECKLOG_CHECK(head_.next_ordinal > 0 && !is_ledger_);
    const auto version = stored_stream_version(
        *rows_, partition_, stream_hash("default", domain::ledger_stream(partition_)));
    if (!version) return tl::unexpected(version.error());
    const auto frame =
        make_fork_frame({partition_, head_, ledger_, *version}, id, reason, clock, random);
    if (!frame) return tl::unexpected(frame.error());
    const std::uint64_t first = head_.next_ordinal;
    head_ = head_after(head_, **frame);
    add(batch, **frame, first);
    batch.put(RowFamily::meta, head_key(partition_), head_value(head_));
    batch.put(RowFamily::meta, identity_key(partition_), identity_value({kDiskFormat, id}));
    return {};
}

}  // namespace decklog::store
