// The frame by which a copy of a log goes on as a ledger of its own: LedgerForked, made without a
// writer, for whoever fills a log with the frames of another. Pure but for clock and random.
#pragma once

#include <string_view>

#include "store/clock.hpp"
#include "store/frame/frame.hpp"

namespace decklog::store {

/// `head`, `from`: where the log ends, and what it is called there. `version`: of the partition's
/// ledger stream. The frame's ledger id is new, and differs where cursors show it. Errors:
/// invalid_argument (an unknown reason).
[[nodiscard]] domain::Result<FramePtr> make_fork_frame(std::uint32_t partition, const Head& head,
                                                       const domain::LedgerId& from,
                                                       std::uint64_t version,
                                                       std::string_view reason, Clock& clock,
                                                       Random& random);

}  // namespace decklog::store
