// `decklog verify`: reads the whole ledger, partition after partition, and recomputes everything
// that can be recomputed: frames and CRCs, dense positions and stream versions, the chain and its
// kept heads, the command family and every index (order-free sums over sequential scans). Thread:
// any; takes minutes on a large ledger, reports progress.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

struct VerifyProgress {
    std::uint64_t frames = 0;
    std::uint64_t events = 0;
    std::uint64_t events_total = 0;
};

struct VerifyReport {
    std::uint64_t frames = 0, events = 0, bytes = 0, streams = 0, commands = 0, index_rows = 0,
                  raw_bodies = 0;  // of all partitions
    std::vector<Head>
        heads{};  // as recomputed, by partition; up to the one where something is wrong
    std::optional<domain::Position> first_bad;  // set when something is wrong
    std::string problem;                        // what, in words; empty when all is well
    [[nodiscard]] bool ok() const { return problem.empty(); }
};

/// False ends the work.
using VerifyProgressSink = std::function<bool(const VerifyProgress&)>;

/// Only for the RocksDB ledger; `ledger` must come from open_rocks_ledger. Checks a snapshot taken
/// at the call. Error: stopped, when `progress` ended it.
[[nodiscard]] domain::Result<VerifyReport> verify(const Ledger& ledger,
                                                  const VerifyProgressSink& progress);

}  // namespace decklog::store
