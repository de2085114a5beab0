// Is this ledger held? From LedgerForked until LedgerAdopted nothing is sent and no clock runs,
// because the ledger it was forked from may still be doing both. The answer is in the log: found
// through the type index when opened, kept up with every durable frame. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "store/ledger.hpp"

namespace decklog::store {

class Hold {
  public:
    /// `ledger` outlives the hold.
    [[nodiscard]] static domain::Result<std::unique_ptr<Hold>> open(Ledger& ledger);

    [[nodiscard]] bool is_held() const { return held_since().has_value(); }
    /// Where the LedgerForked stands that nobody has answered; nullopt: not held.
    [[nodiscard]] std::optional<domain::Position> held_since() const;

  private:
    Hold() = default;
    void look_at(const FramePtr& frame);
    void note(domain::Position at, bool is_fork);

    mutable std::mutex mutex_;
    std::optional<domain::Position> newest_;  // of either event; guarded by mutex_
    bool is_held_ = false;                    // guarded by mutex_
    std::unique_ptr<Subscription> subscription_;
};

}  // namespace decklog::store
