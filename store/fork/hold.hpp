// Is this ledger held, or gone? From LedgerForked until LedgerAdopted nothing is sent and no clock
// runs, because the ledger it was forked from may still be doing both; from LedgerMoved on nothing
// is done here at all. The answer is in the log: found through the type index when opened, kept up
// with every durable frame. Partition 0 speaks for all: it is the first to be moved and the last to
// be forked. Thread-safe.
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
    /// Where the LedgerMoved stands that ends this ledger; nullopt: it goes on here.
    [[nodiscard]] std::optional<domain::Position> moved_at() const;

  private:
    Hold() = default;
    enum class State : std::uint8_t { free, held, moved };
    [[nodiscard]] static std::optional<State> state_after(domain::EventType type);
    [[nodiscard]] std::optional<domain::Position> since(State state) const;
    void look_at(const FramePtr& frame);
    void note(domain::Position at, State state);

    mutable std::mutex mutex_;
    std::optional<domain::Position> newest_;  // event that says one; guarded by mutex_
    State state_ = State::free;               // guarded by mutex_
    std::unique_ptr<Subscription> subscription_;
};

}  // namespace decklog::store
