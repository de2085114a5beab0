// Brings the frames of another ledger into an empty one, byte for byte: frames, index rows and head
// in large synced batches, HEAD after each. The rows carry no identity until all frames are there,
// so that nothing starts on a part of a log; what was taken before an interruption is compared and
// skipped when the frames come again. Finishing gives the ledger its own id, in the same batch as
// the LedgerForked that says so. Needs no vault. One thread; commits run on one of its own.
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

struct Imported {
    std::uint64_t events = 0;   // of the other ledger
    std::uint64_t present = 0;  // of these, here already
    domain::LedgerId from;      // the ledger they come from
    /// What this one is called from here on; absent: it was whole already, nothing was written.
    std::optional<domain::LedgerId> ledger;
};

class FrameImporter {
  public:
    /// `noted`: what HEAD remembers. `rows` outlives the importer. Errors: corrupt, io,
    /// other_format.
    [[nodiscard]] static domain::Result<FrameImporter> begin(RowStore& rows,
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
    /// All frames are there. `reason`: of the fork. Errors: io.
    [[nodiscard]] domain::Result<Imported> finish(std::string_view reason, Clock& clock,
                                                  Random& random);

  private:
    FrameImporter(RowStore& rows, std::optional<HeadFile> noted, HeadNote note_head)
        : rows_(&rows), noted_(noted), note_head_(std::move(note_head)) {}
    [[nodiscard]] domain::Result<void> compare(const Frame& frame) const;
    [[nodiscard]] domain::Result<void> check_boundary() const;
    void add(const Frame& frame, std::uint64_t first);
    [[nodiscard]] domain::Result<void> start_commit();
    [[nodiscard]] domain::Result<void> await_commit();

    RowStore* rows_;
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
