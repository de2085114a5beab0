// The loop that brings one build from where it stands to a place in the log, as fast as it goes:
// for builds that nobody reads yet. The caller's thread.
#pragma once

#include <functional>

#include "projections/engine.hpp"
#include "projections/instance.hpp"

namespace decklog::projections {

struct FoldTarget {
    std::uint32_t partition = 0;
    std::uint64_t next_ordinal = 0;
    domain::Bytes32 chain{};  // chain head there
};

/// Errors: stopped (an event it does not understand; retryable: `go_on` said no), corrupt (the log
/// ends before the target), io; what the log says. The build stands where it was last written.
/// `go_on` is asked after every chunk of frames.
[[nodiscard]] domain::Result<void> fold_to(const store::LogReader& log, const InstancePtr& instance,
                                           const FoldTarget& target, std::size_t chunk_frames,
                                           const Progress& go_on);

}  // namespace decklog::projections
