// The data directory that a full export is brought back into: what is there already, and its rows
// and HEAD opened for the importer. The caller holds the directory's lock. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "domain/result.hpp"
#include "store/import/ledger_importer.hpp"

namespace decklog::store {

class ImportDirectory {
  public:
    /// Errors: those of opening the ledger's rows and HEAD, and of LedgerImporter::begin.
    [[nodiscard]] static domain::Result<std::unique_ptr<ImportDirectory>> open(
        const std::filesystem::path& root);

    /// A whole ledger, not one that an import is still filling.
    [[nodiscard]] domain::Result<bool> is_ledger() const;
    /// Does its log begin with this frame?
    [[nodiscard]] domain::Result<bool> begins_with(const Frame& frame) const;
    [[nodiscard]] LedgerImporter& importer() { return *importer_; }
    /// How many will come: before the first frame of the second. Errors: those of
    /// admit_partitions.
    [[nodiscard]] domain::Result<void> expect_partitions(std::uint32_t partitions) const;
    /// The raw bodies of all partitions of another ledger's rows; between the importer's flush and
    /// its finish. A whole ledger takes none: it has its own. Errors: io.
    [[nodiscard]] domain::Result<void> take_raw_bodies(const RowReader& source,
                                                       std::uint32_t partitions);

  private:
    ImportDirectory(std::filesystem::path root, std::unique_ptr<RowStore> rows)
        : root_(std::move(root)), rows_(std::move(rows)) {}

    const std::filesystem::path root_;
    std::unique_ptr<RowStore> rows_;
    std::optional<LedgerImporter> importer_;
};

}  // namespace decklog::store
