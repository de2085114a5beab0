// How many units and errors a release at full had in the last five minutes, half hour, hour, six
// hours and three days: what burn rates are made of (domain/gate/burn_rate.hpp). By recorded_at,
// which never goes back. Kept are sums a minute for an hour and sums a half hour for three days, so
// a window may reach back by one of these more than its name says. Plain data, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "domain/gate/burn_rate.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rollout {

class BurnHistory {
  public:
    /// `at_us` is not before that of an earlier call.
    void add(std::int64_t at_us, const domain::gate::WindowCounts& counts);
    /// The windows that end at `now_us`.
    [[nodiscard]] domain::gate::BurnWindows windows(std::int64_t now_us) const;

    /// Of three days.
    [[nodiscard]] domain::gate::WindowCounts all() const;

    void put(std::string& out) const;
    [[nodiscard]] static BurnHistory read(RowBytes& bytes);

  private:
    using Sums = std::map<std::int64_t, domain::gate::WindowCounts>;  // by number of the span

    Sums minutes_, half_hours_;
};

}  // namespace decklog::projections::rollout
