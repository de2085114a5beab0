// The in-memory ledger: the same writer and the same rules over rows in maps.
#include "domain/check.hpp"
#include "store/ledger_start.hpp"
#include "store/rows/memory_rows.hpp"

namespace decklog::store {

std::unique_ptr<Ledger> make_memory_ledger(const LedgerOptions& options) {
    auto ledger = start_ledger(std::make_unique<MemoryRows>(), options, {}, {});
    DECKLOG_CHECK(ledger.has_value());  // maps do not fail
    return std::move(*ledger);
}

}  // namespace decklog::store
