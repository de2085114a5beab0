#include "store/backup/checkpoint.hpp"

#include <algorithm>

#include "store/ledger_start.hpp"
#include "store/row_ledger.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store {
domain::Result<void> checkpoint_ledger(const Ledger& ledger,
                                       const std::filesystem::path& directory) {
    const auto* over_rows = dynamic_cast<const RowLedger*>(&ledger);
    const auto* rows =
        over_rows == nullptr ? nullptr : dynamic_cast<const RocksRows*>(&over_rows->rows());
    if (rows == nullptr) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            "only a ledger with files can be backed up");
    }
    return rows->checkpoint(directory);
}

domain::Result<CheckpointState> read_checkpoint(const std::filesystem::path& directory) {
    auto rows = RocksRows::open_to_read(directory);
    if (!rows) return tl::unexpected(std::move(rows).error());
    auto identity = stored_identity(**rows);
    if (!identity) return tl::unexpected(std::move(identity).error());
    if (!*identity)
        return domain::fail(domain::ErrorCode::corrupt, "ledger/ meta: the ledger has no id");
    const auto partitions = stored_partitions(**rows);
    if (!partitions) return tl::unexpected(partitions.error());
    CheckpointState state{**identity, {}, false};
    for (std::uint32_t partition = 0; partition < std::max(*partitions, 1U); ++partition) {
        const auto name = stored_identity(**rows, partition);
        if (!name) return tl::unexpected(name.error());
        auto head = check_tail(**rows, partition, name->value_or(state.ledger), std::nullopt);
        if (!head) return tl::unexpected(std::move(head).error());
        state.heads.push_back(*head);
    }
    const auto replica = (*rows)->get(RowFamily::meta, replica_key(0));
    if (!replica) return tl::unexpected(replica.error());
    state.is_node = replica->has_value();
    return state;
}

}  // namespace decklog::store
