// Which required platforms were missing at a time that is over, by the fold and the rule that the
// live answer comes from. It is told the log from a day before the range on, since that long an
// event counts, and every account ever. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "domain/gate/gate_results.hpp"
#include "projections/platforms/platforms_fold.hpp"
#include "projections/rows.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

class PastPlatforms {
  public:
    /// Without required platforms nothing is read, folded or missing.
    explicit PastPlatforms(std::vector<std::string> required);

    /// Takes in what counts from before the range that begins at ordinal `from`. `go_on`: asked now
    /// and then; false ends it. Errors: stopped, corrupt, io.
    [[nodiscard]] domain::Result<void> read_before(const store::LogReader& log, std::uint64_t from,
                                                   const std::function<bool()>& go_on);
    void take(const domain::EventView& event) {
        if (is_news(event)) static_cast<void>(fold_.apply(event));
    }
    /// Of the events that were taken, as of `now_us`.
    [[nodiscard]] std::vector<domain::gate::MissingPlatform> missing(std::int64_t now_us);

  private:
    [[nodiscard]] domain::Result<void> read_accounts(const store::LogReader& log,
                                                     std::uint64_t before);

    /// Of required platforms, and to the second: a replay folds many events, and one that follows
    /// another of the same second says nothing new.
    [[nodiscard]] bool is_news(const domain::EventView& event);

    std::vector<std::string> required_;
    std::vector<std::int64_t> heard_of_;  // in which second, one a platform
    projections::MemoryRows rows_;
    projections::platforms::PlatformsFold fold_{rows_};
};

}  // namespace decklog::api
