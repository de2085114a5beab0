// Does a frame come next behind the end of a log? What every reader of frames from elsewhere asks
// of each: the import, and the replicas of a cluster. Pure, any thread.
#pragma once

#include "store/frame/frame.hpp"

namespace decklog::store {

/// The ledger that wrote the frame, when it is the next one of `partition` behind `head` in the log
/// of `ledger`: LedgerCreated (at position 0) and LedgerForked give the ledger its id and stand in
/// frames that already bear it. Errors: corrupt, saying what is wrong.
[[nodiscard]] domain::Result<domain::LedgerId> succeed(const Frame& frame, std::uint32_t partition,
                                                       const Head& head,
                                                       const domain::LedgerId& ledger);

/// Where the log ends once the frame is in it.
[[nodiscard]] Head head_after(const Head& head, const Frame& frame);
/// The same where the digest of the frame's body is known.
[[nodiscard]] Head head_after(const Head& head, const Frame& frame, const domain::Bytes32& body);

}  // namespace decklog::store
