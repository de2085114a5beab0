// The frame by which a copy of a log goes on as a ledger of its own: LedgerForked, made without a
// writer, for whoever fills a log with the frames of another. Pure but for clock and random.
#pragma once

#include <string_view>

#include "store/clock.hpp"
#include "store/frame/frame.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

/// A new id, for all partitions of the copy: differs from `from` where cursors show it.
[[nodiscard]] domain::LedgerId fork_id(const domain::LedgerId& from, Random& random);

/// Where the log of a partition ends, and what it is called there.
struct LogEnd {
    std::uint32_t partition = 0;
    Head head{};
    domain::LedgerId ledger{};
    std::uint64_t version = 0;  // of the partition's ledger stream
};
/// `id`: by fork_id. Errors: invalid_argument (an unknown reason, an id that does not differ).
[[nodiscard]] domain::Result<FramePtr> make_fork_frame(const LogEnd& end,
                                                       const domain::LedgerId& id,
                                                       std::string_view reason, Clock& clock,
                                                       Random& random);

}  // namespace decklog::store
