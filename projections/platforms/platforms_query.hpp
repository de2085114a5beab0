// What the platforms view knows: accounts with what happened on them, workers, and which required
// platforms are missing. Windows are by occurred_at, in whole minutes: one that begins within a
// minute takes all of it. Any thread.
//
// Which events are an account's: those of its platform whose envelope names it, by its id or its
// external id, and those that name no account that is known on the platform. So what cannot be told
// apart counts for every account of the platform, and is never lost.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/account/account.hpp"
#include "domain/gate/gate_results.hpp"
#include "domain/worker/worker.hpp"
#include "projections/platforms/platforms_rows.hpp"
#include "projections/rows.hpp"

namespace decklog::projections {

struct AccountInfo {
    std::string id;
    domain::PlatformAccount::State state;
    std::uint64_t switched_ordinal = 0;  // of the event that switched it on or off, or made it
};

struct AccountHealth {
    AccountInfo account;
    platforms::Activity last;
    std::uint64_t errors = 0;  // since the time asked for
};

/// By platform, then external id.
[[nodiscard]] std::vector<AccountInfo> platform_accounts(const RowReader& platforms_rows);
[[nodiscard]] std::vector<AccountHealth> platform_health(const RowReader& platforms_rows,
                                                         std::int64_t since_us);

/// What every part of decklog means by a missing platform, in the order of `required`: one whose
/// accounts are all switched off, or of which no event is known since `since_us`. One that is heard
/// of needs no account here.
[[nodiscard]] std::vector<domain::gate::MissingPlatform> missing_platforms(
    const RowReader& platforms_rows, std::span<const std::string> required, std::int64_t since_us);

/// The last report of each, by name.
[[nodiscard]] std::vector<platforms::WorkerRow> workers(const RowReader& platforms_rows);

}  // namespace decklog::projections
