// From opened rows to a running ledger: create position 0 when there is none, else check that the
// log's end is whole (tail check) and not shorter than HEAD remembers, let a stepped clock in when
// the operator said so, start the writer.
#pragma once

#include <memory>
#include <optional>

#include "store/directory/directory.hpp"
#include "store/rocks_ledger.hpp"
#include "store/row_ledger.hpp"

namespace decklog::store {

/// Recomputes the chain from the last kept head (at most 65,536 positions back) and compares it
/// with the stored head and, where HEAD stands, with HEAD. Errors: corrupt, naming positions;
/// other_format.
[[nodiscard]] domain::Result<Head> check_tail(const RowReader& rows, std::uint32_t partition,
                                              const domain::LedgerId& ledger,
                                              const std::optional<HeadFile>& noted);

/// Position 0: LedgerCreated, and the hash of its stream.
struct Creation {
    FramePtr frame;
    domain::Bytes16 stream{};
};
[[nodiscard]] Creation create_log(const domain::LedgerId& ledger, std::uint32_t partition,
                                  std::int64_t now_us, std::uint32_t level, Random& random);

/// `noted`: what HEAD remembers.
[[nodiscard]] domain::Result<std::unique_ptr<RowLedger>> start_ledger(
    std::unique_ptr<RowStore> rows, const LedgerOptions& options, const NotedHeads& noted,
    HeadNote note_head);

/// How far the clock is behind the newest commit when only the operator's word lets it in, in
/// microseconds; else 0.
[[nodiscard]] std::int64_t behind_beyond_a_step(const Head& head, const Clock& clock);
/// That word, in the log: ClockAccepted.
[[nodiscard]] domain::Result<void> record_accepted_clock(Ledger& ledger, std::uint32_t partition,
                                                         const Clock& clock,
                                                         std::int64_t behind_us);

}  // namespace decklog::store
