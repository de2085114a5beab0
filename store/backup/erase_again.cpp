#include "store/backup/erase_again.hpp"

namespace decklog::store {

domain::Result<ErasureCounts> erase_again(Ledger& /*ledger*/, Vault& /*vault*/,
                                          std::span<const ListedErasure> erasures,
                                          const RestoreWish& /*by*/,
                                          const RestoreProgress& /*progress*/) {
    if (erasures.empty()) return ErasureCounts{};
    return domain::fail(domain::ErrorCode::invalid_argument,
                        "this build cannot apply the list of erasures");
}

}  // namespace decklog::store
