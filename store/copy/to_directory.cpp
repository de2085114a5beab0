#include "store/copy/to_directory.hpp"

#include "domain/check.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;

}  // namespace

domain::Result<Imported> copy_to_directory(const Ledger& source, ImportDirectory& target,
                                           const CopyProgress& progress, Clock& clock,
                                           Random& random) {
    const RowStore* rows = rows_of(source);
    DECKLOG_CHECK(rows != nullptr);
    const std::uint64_t total = source.head(kPartition).next_ordinal;
    FrameImporter& importer = target.importer();
    domain::Result<void> taken;
    const auto read = source.read({kPartition, 0}, [&](const FramePtr& frame) {
        taken = importer.take(frame);
        if (progress) progress(importer.head().next_ordinal, total);
        return taken.has_value();
    });
    if (!taken) return tl::unexpected(std::move(taken).error());
    if (!read) return tl::unexpected(read.error());
    if (auto flushed = importer.flush(); !flushed)
        return tl::unexpected(std::move(flushed).error());
    if (auto kept = target.take_raw_bodies(*rows); !kept)
        return tl::unexpected(std::move(kept).error());
    return importer.finish("copy", clock, random);
}

}  // namespace decklog::store
