// From items to submissions: subjects for the people, names that may stand in the clear, the sealed
// part, the command key, and a check with the decider itself. An item that the log would refuse is
// filed as `unrecognised` with hash and length, so that no item can fail the request it came in.
// Thread-safe: works on its arguments alone.
#pragma once

#include <vector>

#include "domain/result.hpp"
#include "ingest/adapter.hpp"
#include "ingest/inbound.hpp"
#include "ingest/people.hpp"
#include "ingest/platform_traits.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::ingest {

/// What all items of one body share.
struct Arrival {
    const Account& account;
    const PlatformTraits& traits;
    domain::TraceId trace{};
    std::int64_t received_at_us = 0;
    std::shared_ptr<const store::RawBody> raw{};
};

/// What an item was filed as, for the counters.
enum class FiledAs : std::uint8_t { recognised, unrecognised, too_large };

struct Filing {
    std::vector<store::Submission> submissions;  // one an item, in order
    std::vector<FiledAs> filed_as;
    std::shared_ptr<const void> in_use{};  // to be kept until the ledger has answered
};

/// Items that the ledger has already make nobody new. Errors: the vault's; stopped, when an item
/// brings somebody new who is refused.
[[nodiscard]] domain::Result<Filing> file_items(const Arrival& arrival, std::vector<Item> items,
                                                const store::Ledger& ledger, store::Vault& vault,
                                                Newcomers newcomers);

}  // namespace decklog::ingest
