#include "store/backup/list_logged.hpp"

#include "store/erasure.hpp"

namespace decklog::store {

domain::Result<void> list_logged_erasures(const LogReader& ledger,
                                          const std::filesystem::path& place,
                                          std::span<const ListedErasure> also) {
    const std::filesystem::path list = erasure_list_in(place);
    if (auto created = create_erasure_list(list); !created) return created;
    const auto logged = logged_erasures(ledger);
    if (!logged) return tl::unexpected(logged.error());
    std::vector<ListedErasure> erasures(also.begin(), also.end());
    for (const LoggedErasure& erasure : *logged)
        erasures.push_back({erasure.subject, erasure.recorded_at_us, erasure.reason});
    return append_erasures(list, erasures);
}

}  // namespace decklog::store
