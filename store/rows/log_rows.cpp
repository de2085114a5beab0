#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

std::string at(std::uint32_t partition, std::uint64_t ordinal) {
    return "ledger/ log " + std::to_string(partition) + ":" + std::to_string(ordinal);
}

domain::Result<FramePtr> decode_row(std::string_view key, std::string_view value,
                                    std::uint32_t partition, FrameSlab* slab = nullptr) {
    if (key.size() != log_key({}).view().size())
        return domain::fail(ErrorCode::corrupt, "ledger/ log: odd key");
    const std::uint64_t ordinal = *trailing_u64(key);
    auto frame =
        Frame::decode({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}, slab);
    if (!frame)
        return domain::fail(frame.error().code,
                            at(partition, ordinal) + ": " + frame.error().context);
    if ((*frame)->first() != domain::Position{partition, ordinal}) {
        return domain::fail(ErrorCode::corrupt,
                            at(partition, ordinal) + ": frame of another position");
    }
    return frame;
}

/// The last frame that begins at or before `position`; nullptr when none does.
domain::Result<FramePtr> frame_begun_by(const RowReader& rows, domain::Position position) {
    const Key begin = log_key({position.partition, 0});
    const Key end = log_key({position.partition, position.ordinal + 1});
    domain::Result<FramePtr> found = FramePtr{};
    auto scanned = rows.scan(RowFamily::log, begin, end, Order::descending, Access::point,
                             [&](std::string_view key, std::string_view value) {
                                 found = decode_row(key, value, position.partition);
                                 return false;
                             });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    return found;
}

}  // namespace

domain::Result<FramePtr> frame_at(const RowReader& rows, domain::Position position) {
    if (position.ordinal == kOrdinalMax)
        return domain::fail(ErrorCode::not_found, "no such position");
    auto frame = frame_begun_by(rows, position);
    if (frame && (*frame == nullptr || (*frame)->last() < position)) {
        return domain::fail(ErrorCode::not_found, "no such position");
    }
    return frame;
}

domain::Result<FramePtr> last_frame(const RowReader& rows, std::uint32_t partition) {
    return frame_begun_by(rows, {partition, kOrdinalMax - 1});
}

domain::Result<void> read_frames(const RowReader& rows, domain::Position from,
                                 const FrameSink& sink) {
    domain::Position start = from;
    if (from.ordinal > 0) {
        auto holder = frame_at(rows, from);
        if (!holder && holder.error().code == ErrorCode::not_found) return {};
        if (!holder) return tl::unexpected(std::move(holder).error());
        start = (*holder)->first();
    }
    domain::Result<void> outcome;
    FrameSlab slab;
    const KeyRange range = ordinals_under(Key(from.partition), start.ordinal);
    auto scanned = rows.scan(RowFamily::log, range.begin, range.end, Order::ascending, Access::bulk,
                             [&](std::string_view key, std::string_view value) {
                                 auto frame = decode_row(key, value, from.partition, &slab);
                                 if (!frame) {
                                     outcome = tl::unexpected(std::move(frame).error());
                                     return false;
                                 }
                                 return sink(*frame);
                             });
    return scanned ? outcome : scanned;
}

domain::Result<ChainPoint> kept_head_before(const RowReader& rows, std::uint32_t partition,
                                            std::uint64_t next_ordinal) {
    domain::Result<ChainPoint> found = ChainPoint{};
    const Key begin = kept_head_key(partition, 0);
    const Key end = kept_head_key(partition, next_ordinal + 1);
    auto scanned = rows.scan(RowFamily::meta, begin, end, Order::descending, Access::point,
                             [&](std::string_view key, std::string_view value) {
                                 const auto chain = parse_chain(value);
                                 if (!chain || key.size() != begin.view().size()) {
                                     found = domain::fail(ErrorCode::corrupt,
                                                          "ledger/ meta: odd kept chain head");
                                 } else {
                                     found = ChainPoint{*trailing_u64(key), *chain};
                                 }
                                 return false;
                             });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    return found;
}

domain::Result<domain::Bytes32> chain_before(const RowReader& rows, domain::Position boundary) {
    auto kept = kept_head_before(rows, boundary.partition, boundary.ordinal);
    if (!kept) return tl::unexpected(std::move(kept).error());
    ChainPoint point = *kept;
    if (point.next_ordinal < boundary.ordinal) {
        auto read =
            read_frames(rows, {boundary.partition, point.next_ordinal}, [&](const FramePtr& frame) {
                point = {frame->last().ordinal + 1, chain_step(point.chain, *frame)};
                return point.next_ordinal < boundary.ordinal;
            });
        if (!read) return tl::unexpected(std::move(read).error());
    }
    if (point.next_ordinal != boundary.ordinal)
        return domain::fail(ErrorCode::not_found, "no frame ends there");
    return point.chain;
}

domain::Result<std::optional<Head>> stored_head(const RowReader& rows, std::uint32_t partition) {
    auto value = rows.get(RowFamily::meta, head_key(partition));
    if (!value) return tl::unexpected(std::move(value).error());
    if (!*value) return std::optional<Head>{};
    const auto head = parse_head(**value);
    if (!head) return domain::fail(ErrorCode::corrupt, "ledger/ meta: odd head");
    return head;
}

domain::Result<std::optional<domain::LedgerId>> stored_identity(const RowReader& rows,
                                                                std::uint32_t partition) {
    auto value = rows.get(RowFamily::meta, identity_key(partition));
    if (!value) return tl::unexpected(std::move(value).error());
    if (!*value) return std::optional<domain::LedgerId>{};
    const auto identity = parse_identity(**value);
    if (!identity) return domain::fail(ErrorCode::corrupt, "ledger/ meta: odd identity");
    if (identity->disk_format != kDiskFormat) {
        return domain::fail(ErrorCode::other_format, "ledger/: disk format " +
                                                         std::to_string(identity->disk_format) +
                                                         " is not known to this release");
    }
    return std::optional(identity->ledger);
}

domain::Result<std::uint32_t> stored_partitions(const RowReader& rows) {
    for (std::uint32_t partition = 0;; ++partition) {
        const auto head = stored_head(rows, partition);
        if (!head) return tl::unexpected(head.error());
        if (!*head) return partition;
    }
}

domain::Result<std::uint64_t> stored_stream_version(const RowReader& rows, std::uint32_t partition,
                                                    const domain::Bytes16& stream) {
    domain::Result<std::uint64_t> version = std::uint64_t{0};
    const KeyRange range = ordinals_under(stream_prefix(partition, stream));
    auto scanned = rows.scan(RowFamily::stream, range.begin, range.end, Order::descending,
                             Access::point, [&](std::string_view key, std::string_view) {
                                 if (key.size() == range.begin.view().size()) {
                                     version = *trailing_u64(key);
                                 } else {
                                     version = domain::fail(ErrorCode::corrupt,
                                                            "ledger/ stream: a key of an odd size");
                                 }
                                 return false;
                             });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    return version;
}

domain::Result<void> read_stream(const RowReader& rows, std::uint32_t partition,
                                 const domain::Bytes16& stream, const EventSink& sink) {
    domain::Result<void> outcome;
    FramePtr frame;  // often several events of a stream stand in one frame
    const KeyRange range = ordinals_under(stream_prefix(partition, stream));
    auto scanned = rows.scan(
        RowFamily::stream, range.begin, range.end, Order::ascending, Access::point,
        [&](std::string_view, std::string_view value) {
            const auto ordinal = parse_ordinal(value);
            if (!ordinal) {
                outcome = domain::fail(ErrorCode::corrupt, "ledger/ stream: odd row");
                return false;
            }
            const domain::Position position{partition, *ordinal};
            if (frame == nullptr || position < frame->first() || frame->last() < position) {
                auto loaded = frame_at(rows, position);
                if (!loaded) {
                    // A row that leads nowhere is damage; a disk that did not answer is not.
                    const ErrorCode code = loaded.error().code == ErrorCode::not_found
                                               ? ErrorCode::corrupt
                                               : loaded.error().code;
                    outcome =
                        domain::fail(code, at(partition, *ordinal) + ": " + loaded.error().context);
                    return false;
                }
                frame = std::move(*loaded);
            }
            return sink(frame, position.ordinal - frame->first().ordinal);
        });
    return scanned ? outcome : scanned;
}

}  // namespace decklog::store
