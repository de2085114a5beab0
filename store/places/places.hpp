// Where each workspace lives, folded from partition 0: `default` there, the others where a
// WorkspacePlaced put them. A ledger of one partition needs no such event. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

class Places {
  public:
    /// `ledger` outlives it. Errors: io, corrupt.
    [[nodiscard]] static domain::Result<std::unique_ptr<Places>> open(Ledger& ledger);
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;

    /// nullopt: it has no place yet.
    [[nodiscard]] std::optional<std::uint32_t> partition_of(std::string_view workspace) const;
    /// The same; one that has no place is given one, beside as few others as can be, and not with
    /// decklog's own events. Then it blocks until that is durable, and must not be called on the
    /// writer's thread; nor does it wait for others for long. Refusals are partition 0's.
    [[nodiscard]] tl::expected<std::uint32_t, Refusal> place(std::string_view workspace,
                                                             const Clock& clock);

  private:
    explicit Places(Ledger& ledger) : ledger_(ledger) {}
    void note(const domain::EventView& event);
    [[nodiscard]] std::uint32_t emptiest() const;

    Ledger& ledger_;
    std::timed_mutex placing_;
    mutable std::mutex mutex_;
    std::map<std::string, std::uint32_t, std::less<>> placed_;
    std::unique_ptr<Subscription> subscription_;  // goes first: the writer tells no more
};

}  // namespace decklog::store
