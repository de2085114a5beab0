// Brings the frames of one partition of another ledger into an empty one, byte for byte: frames,
// index rows and head in large synced batches, HEAD after each. The rows carry no identity until
// the whole ledger is there (ledger_importer.hpp); what was taken before an interruption is
// compared and skipped when the frames come again. One thread; commits run on one of its own.
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string_view>

#include "domain/result.hpp"
#include "store/clock.hpp"
#include "store/directory/head_file.hpp"
#include "store/frame/frame.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

class FrameImporter {
  public:
    /// `noted`: what HEAD remembers. `rows` outlives the importer. Errors: corrupt, io,
    /// other_format.
    [[nodiscard]] static domain::Result<FrameImporter> begin(RowStore& rows,
                                                             std::uint32_t partition,
                                                             std::optional<HeadFile> noted,
                                                             HeadNote note_head);

    /// The next frame. Errors: corrupt (not the next one, or not of this ledger), other_ledger
    /// (something else stands at its position), io.
    [[nodiscard]] domain::Result<void> take(FramePtr frame);
    /// As of the frames taken so far.
    [[nodiscard]] const Head& head() const { return head_; }
    [[nodiscard]] const domain::LedgerId& ledger() const { return ledger_; }
    /// Everything taken is durable when it returns.
    [[nodiscard]] domain::Result<void> flush();
    /// A whole ledger stood here at the beginning: everything is compared, nothing is added.
    [[nodiscard]] bool is_ledger() const { return is_ledger_; }
    /// Of the events taken, those that were here already.
    [[nodiscard]] std::uint64_t present() const { return present_; }
    /// All frames are there, flushed; the batch makes them a partition of the ledger `id`: head,
    /// identity, and the LedgerForked that gives it. Errors: other_ledger (more stands here than
    /// was taken), io.
    [[nodiscard]] domain::Result<void> fork_into(RowBatch& batch, const domain::LedgerId& id,
                                                 std::string_view reason, Clock& clock,
                                                 Random& random);

  private:
    FrameImporter(RowStore& rows, std::uint32_t partition, std::optional<HeadFile> noted,
                  HeadNote note_head)
        : rows_(&rows), partition_(partition), noted_(noted), note_head_(std::move(note_head)) {}
    [[nodiscard]] domain::Result<void> compare(const Frame& frame) const;
    [[nodiscard]] domain::Result<void> check_boundary() const;
    void add(RowBatch& batch, const Frame& frame, std::uint64_t first) const;
    [[nodiscard]] domain::Result<void> start_commit();
    [[nodiscard]] domain::Result<void> await_commit();

    RowStore* rows_;
    std::uint32_t partition_;
    std::optional<HeadFile> noted_;
    HeadNote note_head_;
    Head stored_;             // what was there at the beginning
    bool is_ledger_ = false;  // and it was a whole ledger
    Head head_;
    domain::LedgerId ledger_;
    std::uint64_t present_ = 0;
    std::unique_ptr<RowBatch> batch_;
    std::future<domain::Result<void>> committing_;
    Head committing_head_;
};

}  // namespace decklog::store
