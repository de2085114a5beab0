// The data directory that a full export is brought back into: what is there already, and its rows
// and HEAD opened for the importer. The caller holds the directory's lock. One thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "domain/result.hpp"
#include "store/import/frame_importer.hpp"

namespace decklog::store {

class ImportDirectory {
  public:
    /// Errors: those of opening the ledger's rows and HEAD, and of FrameImporter::begin.
    [[nodiscard]] static domain::Result<std::unique_ptr<ImportDirectory>> open(
        const std::filesystem::path& root);

    /// A whole ledger, not one that an import is still filling.
    [[nodiscard]] domain::Result<bool> is_ledger() const;
    /// Does its log begin with this frame?
    [[nodiscard]] domain::Result<bool> begins_with(const Frame& frame) const;
    [[nodiscard]] FrameImporter& importer() { return *importer_; }
    /// The raw bodies of another ledger's rows; between the importer's flush and its finish. A
    /// whole ledger takes none: it has its own. Errors: io.
    [[nodiscard]] domain::Result<void> take_raw_bodies(const RowReader& source);

  private:
    explicit ImportDirectory(std::unique_ptr<RowStore> rows) : rows_(std::move(rows)) {}

    std::unique_ptr<RowStore> rows_;
    std::optional<FrameImporter> importer_;
};

}  // namespace decklog::store
