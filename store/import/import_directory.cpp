#include "store/import/import_directory.hpp"

#include <utility>

#include "store/copy/source.hpp"
#include "store/directory/directory.hpp"
#include "store/limits.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store {
namespace {

/// A head without an identity says that an import is at work here, from its first moment: nobody
/// may begin a ledger of his own in between.
domain::Result<void> mark(RowStore& rows) {
    const auto identity = stored_identity(rows);
    if (!identity) return tl::unexpected(identity.error());
    const auto head = stored_head(rows, 0);
    if (!head) return tl::unexpected(head.error());
    if (*identity || *head) return {};
    const auto batch = rows.new_batch();
    batch->put(RowFamily::meta, head_key(0), head_value({}));
    return rows.commit(*batch);
}

}  // namespace

domain::Result<std::unique_ptr<ImportDirectory>> ImportDirectory::open(
    const std::filesystem::path& root) {
    const std::filesystem::path head_file = root / "HEAD";
    if (auto made = create_private_directory(root / "ledger"); !made)
        return tl::unexpected(std::move(made).error());
    auto noted = read_heads(head_file);
    if (!noted) return tl::unexpected(noted.error());
    auto rows = RocksRows::open(root / "ledger", nullptr);
    if (!rows) return tl::unexpected(std::move(rows).error());
    auto note = open_head_note(head_file);
    if (!note) return tl::unexpected(std::move(note).error());
    if (auto marked = mark(**rows); !marked) return tl::unexpected(std::move(marked).error());
    std::unique_ptr<ImportDirectory> directory(new ImportDirectory(root, std::move(*rows)));
    auto importer = LedgerImporter::begin(*directory->rows_, std::move(*noted), std::move(*note));
    if (!importer) return tl::unexpected(std::move(importer).error());
    directory->importer_.emplace(std::move(*importer));
    return directory;
}

domain::Result<bool> ImportDirectory::is_ledger() const {
    const auto identity = stored_identity(*rows_);
    if (!identity) return tl::unexpected(identity.error());
    return identity->has_value();
}

domain::Result<void> ImportDirectory::expect_partitions(std::uint32_t partitions) const {
    const auto is_whole = is_ledger();
    if (!is_whole) return tl::unexpected(is_whole.error());
    return *is_whole ? domain::Result<void>{} : admit_partitions(root_, partitions);
}

domain::Result<void> ImportDirectory::take_raw_bodies(const RowReader& source,
                                                      std::uint32_t partitions) {
    const auto is_whole = is_ledger();
    if (!is_whole) return tl::unexpected(is_whole.error());
    if (*is_whole) return {};
    auto batch = rows_->new_batch();
    domain::Result<void> kept;
    const auto keep = [&](std::string_view key, std::string_view sealed) {
        batch->put(RowFamily::raw, key, sealed);
        if (batch->bytes() < limits::kImportBatchBytes) return true;
        kept = rows_->commit(*batch);
        batch = rows_->new_batch();
        return kept.has_value();
    };
    for (std::uint32_t partition = 0; partition < partitions && kept; ++partition) {
        if (auto read = each_raw_body(source, partition, keep); !read) return read;
    }
    return kept ? rows_->commit(*batch) : kept;
}

domain::Result<bool> ImportDirectory::begins_with(const Frame& frame) const {
    const auto first = rows_->get(RowFamily::log, log_key({0, 0}));
    if (!first) return tl::unexpected(first.error());
    const auto bytes = frame.bytes();
    return *first &&
           **first == std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace decklog::store
