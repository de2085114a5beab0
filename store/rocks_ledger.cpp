#include "store/rocks_ledger.hpp"

#include "store/directory/directory.hpp"
#include "store/directory/private_files.hpp"
#include "store/disk_room.hpp"
#include "store/ledger_start.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store {
namespace {

/// Of a ledger that is made now; one that stands said so when it was made.
domain::Result<void> admit(const RowReader& rows, const std::filesystem::path& root,
                           std::uint32_t partitions) {
    const auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(identity.error());
    return *identity ? domain::Result<void>{} : admit_partitions(root, partitions);
}

}  // namespace

domain::Result<std::unique_ptr<Ledger>> open_rocks_ledger(const std::filesystem::path& root,
                                                          const LedgerOptions& options) {
    const std::filesystem::path directory = root / "ledger";
    const std::filesystem::path head_file = root / "HEAD";
    if (auto made = create_private_directory(directory); !made)
        return tl::unexpected(std::move(made).error());
    auto noted = read_heads(head_file);
    if (!noted) return tl::unexpected(std::move(noted).error());
    auto rows = RocksRows::open(directory, options.env);
    if (!rows) return tl::unexpected(std::move(rows).error());
    if (auto admitted = admit(**rows, root, options.partitions); !admitted)
        return tl::unexpected(std::move(admitted).error());
    auto note_head = open_head_note(head_file);
    if (!note_head) return tl::unexpected(std::move(note_head).error());
    LedgerOptions complete = options;
    if (!complete.disk_space) complete.disk_space = [root] { return disk_space_of(root); };
    auto ledger = start_ledger(std::move(*rows), complete, *noted, std::move(*note_head));
    if (!ledger) return tl::unexpected(std::move(ledger).error());
    return std::unique_ptr<Ledger>(std::move(*ledger));
}

}  // namespace decklog::store
