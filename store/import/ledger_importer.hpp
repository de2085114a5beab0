// Brings the frames of another ledger into an empty one, partition after partition: one
// FrameImporter each. The rows carry no identity until all frames are there, so that nothing starts
// on a part of a ledger; finishing gives every partition the same new id, in one batch with the
// LedgerForked that say so. Needs no vault. One thread; commits run on one of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/import/frame_importer.hpp"

namespace decklog::store {

struct Imported {
    std::uint64_t events = 0;   // of the other ledger
    std::uint64_t present = 0;  // of these, here already
    domain::LedgerId from;      // the ledger they come from
    /// What this one is called from here on; absent: it was whole already, nothing was written.
    std::optional<domain::LedgerId> ledger;
};

class LedgerImporter {
  public:
    /// `noted`: what HEAD remembers. `rows` outlives the importer. Errors: corrupt, io,
    /// other_format.
    [[nodiscard]] static domain::Result<LedgerImporter> begin(RowStore& rows, NotedHeads noted,
                                                              HeadNote note_head);

    /// The next frame of its partition; the first of a partition comes behind the last of the one
    /// before. Errors: corrupt (not the next one, or not of this ledger), other_ledger (something
    /// else stands at its position), io.
    [[nodiscard]] domain::Result<void> take(FramePtr frame);
    /// Of a partition, as of the frames taken so far.
    [[nodiscard]] Head head(std::uint32_t partition) const;
    /// How the frames of partition 0 that were taken so far call their ledger.
    [[nodiscard]] const domain::LedgerId& ledger() const { return each_.front().ledger(); }
    /// Taken so far, of all partitions.
    [[nodiscard]] std::uint64_t events() const;
    /// Everything taken is durable when it returns.
    [[nodiscard]] domain::Result<void> flush();
    /// All frames are there. `reason`: of the fork. Errors: io, other_ledger (more stands here than
    /// was taken).
    [[nodiscard]] domain::Result<Imported> finish(std::string_view reason, Clock& clock,
                                                  Random& random);

  private:
    LedgerImporter(RowStore& rows, NotedHeads noted, HeadNote note_head)
        : rows_(&rows), noted_(std::move(noted)), note_head_(std::move(note_head)) {}
    [[nodiscard]] domain::Result<void> begin_next();
    [[nodiscard]] domain::Result<void> expect_no_more_partitions() const;

    RowStore* rows_;
    NotedHeads noted_;
    HeadNote note_head_;
    std::vector<FrameImporter> each_;  // by partition; partition 0 from the beginning
};

}  // namespace decklog::store
