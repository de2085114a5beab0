#include "store/copy/to_directory.hpp"

#include "domain/check.hpp"

namespace decklog::store {
domain::Result<Imported> copy_to_directory(const Ledger& source, ImportDirectory& target,
                                           const CopyProgress& progress, Clock& clock,
                                           Random& random) {
    const RowStore* rows = rows_of(source);
    DECKLOG_CHECK(rows != nullptr);
    const std::uint32_t partitions = source.partitions();
    const std::uint64_t total = events_in(source);
    if (auto admitted = target.expect_partitions(partitions); !admitted)
        return tl::unexpected(std::move(admitted).error());
    LedgerImporter& importer = target.importer();
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
        domain::Result<void> taken;
        const auto read = source.read({partition, 0}, [&](const FramePtr& frame) {
            taken = importer.take(frame);
            if (progress) progress(importer.events(), total);
            return taken.has_value();
        });
        if (!taken) return tl::unexpected(std::move(taken).error());
        if (!read) return tl::unexpected(read.error());
    }
    if (auto flushed = importer.flush(); !flushed)
        return tl::unexpected(std::move(flushed).error());
    if (auto kept = target.take_raw_bodies(*rows, partitions); !kept)
        return tl::unexpected(std::move(kept).error());
    return importer.finish("copy", clock, random);
}

}  // namespace decklog::store
