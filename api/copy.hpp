// `decklog copy`: moves an embedded ledger into a topic, and a ledger (embedded, or a node's) into
// a data directory of its own. The source ends with LedgerMoved, the copy goes on from there as a
// ledger of its own, held until it is adopted. Runs beside no server: it takes LOCK. One thread.
#pragma once

#include <filesystem>
#include <optional>

#include "api/config.hpp"
#include "store/copy/source.hpp"

namespace decklog::api {

struct CopyWish {
    std::optional<std::filesystem::path> to;  // a new directory; absent: the configured topic
    bool with_vault = false;                  // the keys come along
};

struct Copied {
    std::uint64_t events = 0;   // of the source, its LedgerMoved among them
    std::uint64_t present = 0;  // of these, at the target before
    domain::LedgerId from, ledger;
    std::optional<std::uint64_t> vault_rows;  // that were put; absent: not asked for
    bool was_whole = false;                   // the target lacked nothing
};

/// The source is `config.data`; with a cluster configured, and `wish.to`, it is a node's copy.
/// Errors: invalid_argument (the wish, a setting), locked (a server runs on it), other_ledger (the
/// target holds something else), corrupt, io (retryable ones: repeat).
[[nodiscard]] domain::Result<Copied> copy(const Config& config, const CopyWish& wish,
                                          const store::CopyProgress& progress);

/// A ledger that was moved goes on here after all: forked, and held. Its copy, if there is one, is
/// another ledger from then on. Errors: invalid_argument (it was not moved), and those of opening.
[[nodiscard]] domain::Result<domain::LedgerId> take_back(const Config& config);

}  // namespace decklog::api
