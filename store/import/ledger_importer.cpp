#include "store/import/ledger_importer.hpp"

#include <algorithm>
#include <utility>

#include "store/fork/fork_frame.hpp"
#include "store/rows/log_rows.hpp"

namespace decklog::store {

using domain::ErrorCode;

domain::Result<LedgerImporter> LedgerImporter::begin(RowStore& rows, NotedHeads noted,
                                                     HeadNote note_head) {
    LedgerImporter importer(rows, std::move(noted), std::move(note_head));
    if (auto begun = importer.begin_next(); !begun) return tl::unexpected(std::move(begun).error());
    return importer;
}

domain::Result<void> LedgerImporter::begin_next() {
    const auto partition = static_cast<std::uint32_t>(each_.size());
    auto importer = FrameImporter::begin(
        *rows_, partition, partition < noted_.size() ? noted_[partition] : std::nullopt,
        note_head_);
    if (!importer) return tl::unexpected(std::move(importer).error());
    each_.push_back(std::move(*importer));
    return {};
}

domain::Result<void> LedgerImporter::take(FramePtr frame) {
    const std::uint32_t partition = frame->first().partition;
    if (partition == each_.size()) {
        if (auto flushed = each_.back().flush(); !flushed) return flushed;
        if (auto begun = begin_next(); !begun) return begun;
    }
    if (partition + 1 != each_.size()) {
        return domain::fail(ErrorCode::corrupt, "the frame says that it stands elsewhere");
    }
    return each_.back().take(std::move(frame));
}

Head LedgerImporter::head(std::uint32_t partition) const {
    return partition < each_.size() ? each_[partition].head() : Head{};
}

std::uint64_t LedgerImporter::events() const {
    std::uint64_t events = 0;
    for (const FrameImporter& one : each_) events += one.head().next_ordinal;
    return events;
}

domain::Result<void> LedgerImporter::flush() {
    for (FrameImporter& one : each_) {
        if (auto flushed = one.flush(); !flushed) return flushed;
    }
    return {};
}

domain::Result<void> LedgerImporter::expect_no_more_partitions() const {
    const auto stored = stored_head(*rows_, static_cast<std::uint32_t>(each_.size()));
    if (!stored) return tl::unexpected(stored.error());
    if (!*stored) return {};
    return domain::fail(ErrorCode::other_ledger,
                        "more partitions stand here already than the export holds");
}

domain::Result<Imported> LedgerImporter::finish(std::string_view reason, Clock& clock,
                                                Random& random) {
    if (auto done = flush(); !done) return tl::unexpected(std::move(done).error());
    if (auto all = expect_no_more_partitions(); !all) return tl::unexpected(std::move(all).error());
    Imported imported{events(), 0, ledger(), std::nullopt};
    for (const FrameImporter& one : each_) imported.present += one.present();
    if (each_.front().is_ledger()) return imported;
    const domain::LedgerId id = fork_id(imported.from, random);
    const auto batch = rows_->new_batch();
    for (FrameImporter& one : each_) {
        if (auto forked = one.fork_into(*batch, id, reason, clock, random); !forked)
            return tl::unexpected(std::move(forked).error());
    }
    if (auto done = rows_->commit(*batch); !done) return tl::unexpected(std::move(done).error());
    for (std::uint32_t partition = 0; note_head_ && partition < each_.size(); ++partition) {
        const Head& head = each_[partition].head();
        note_head_({partition, head.next_ordinal - 1}, head.chain);
    }
    imported.ledger = id;
    return imported;
}

}  // namespace decklog::store
