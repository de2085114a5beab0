// Several index scans as one: their positions in log order, each once. Pulls a few hundred
// positions of a scan at a time, so memory and work follow what the caller takes, not what the
// indexes hold. One thread.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "store/ledger.hpp"

namespace decklog::store {

class IndexMerge {
  public:
    /// `keys` are of kinds that scan in log order (all but time). `after` is exclusive in scan
    /// direction. `log` outlives this.
    IndexMerge(const LogReader& log, std::uint32_t partition, std::vector<IndexKey> keys,
               Order order, std::optional<domain::Position> after);

    /// nullopt at the end.
    [[nodiscard]] domain::Result<std::optional<domain::Position>> next();

  private:
    struct Source {
        IndexKey key;
        std::optional<domain::Position> after;
        std::deque<domain::Position> ahead{};
        bool exhausted = false;
    };

    [[nodiscard]] domain::Result<void> refill(Source& source) const;
    [[nodiscard]] bool comes_first(domain::Position a, domain::Position b) const;

    const LogReader& log_;
    std::uint32_t partition_;
    Order order_;
    std::vector<Source> sources_;
};

}  // namespace decklog::store
