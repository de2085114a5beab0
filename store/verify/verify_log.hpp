// First half of verify: one pass over the log of a partition. Recomputes frames, density, time and
// chain, and adds up the rows that the frames demand of every index. The caller's thread reads
// chunks and goes over them in order; between the two, several are checked at once
// (verify_chunk.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/rows/log_rows.hpp"
#include "store/verify/verify.hpp"
#include "store/verify/verify_chunk.hpp"

namespace decklog::store {

/// What is wrong and where.
struct Fault {
    domain::Position position;
    std::string problem;
};

struct LogPass {
    explicit LogPass(const RowSumKey& key) : demanded(key) {}
    std::uint64_t frames = 0, events = 0, bytes = 0;
    Head head;                                      // as recomputed
    domain::LedgerId ledger;                        // what the log calls itself at its end
    std::optional<domain::LedgerId> forked_from{};  // what it was called before; absent: never else
    std::vector<ChainPoint> kept_heads;             // that the log demands
    FamilySums demanded;
    std::optional<Fault> fault;  // the first one; the pass ends there
    bool ended = false;          // by the sink; nothing here counts then
};

/// Never fails: what cannot be read is a fault with a place, as any other damage is. Without
/// demands it is the chain alone.
[[nodiscard]] LogPass pass_over_log(const RowReader& rows, std::uint32_t partition,
                                    const RowSumKey& key, const VerifyProgressSink& progress,
                                    Demands demands = Demands::add_up);

}  // namespace decklog::store
