#include "store/kafka/look_ahead.hpp"

#include <algorithm>

#include "store/rows/commit_rows.hpp"
#include "store/share_work.hpp"

namespace decklog::store::kafka {
namespace {

constexpr std::size_t kRecordsAPiece = 256;

/// nullopt: the rows cannot be read.
std::optional<bool> is_new(const RowReader& rows, std::uint32_t partition, const Frame& frame) {
    const auto key = frame.command_key();
    if (!key) return true;
    const auto row = rows.get(RowFamily::command, command_row_key(partition, *key));
    if (!row) return std::nullopt;
    return !row->has_value();
}

Ahead look_at(const RowReader& rows, std::uint32_t partition, const Fetched& fetched,
              FrameSlab& slab) {
    const auto record = decode_record(fetched.bytes);
    if (!record || record->header.kind != RecordKind::commit) return {};
    const auto frame = Frame::decode(record->body, &slab);
    if (!frame) return {};
    const auto is_new_key = is_new(rows, partition, **frame);
    if (!is_new_key) return {};
    return {*frame, body_digest(**frame), stream_hashes(**frame), *is_new_key};
}

}  // namespace

std::vector<Ahead> look_ahead(const RowReader& rows, std::uint32_t partition,
                              std::span<const Fetched> records) {
    std::vector<Ahead> found(records.size());
    const std::size_t pieces = (records.size() + kRecordsAPiece - 1) / kRecordsAPiece;
    share_work(pieces, [&](std::size_t piece) {
        FrameSlab slab;
        const std::size_t end = std::min(records.size(), (piece + 1) * kRecordsAPiece);
        for (std::size_t i = piece * kRecordsAPiece; i < end; ++i)
            found[i] = look_at(rows, partition, records[i], slab);
    });
    return found;
}

}  // namespace decklog::store::kafka
