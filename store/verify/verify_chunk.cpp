#include "store/verify/verify_chunk.hpp"

#include <utility>

#include "store/limits.hpp"
#include "store/rows/commit_rows.hpp"

namespace decklog::store {
namespace {

bool may_name_ledger(const Frame& frame) {
    return frame.first().ordinal == 0 || frame.event(0).is(domain::EventType::ledger_forked);
}

}  // namespace

FamilySums::FamilySums(const RowSumKey& key) : sums(kRowFamilyNames.size(), RowSum(key)) {}

void FamilySums::add(const FamilySums& others) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i].add(others.sums[i]);
}

void LogChunk::add(std::string_view key, std::string_view value) {
    const std::size_t begin = bytes_.size();
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    rows_.push_back({begin, begin + key.size(), bytes_.size()});
}

void LogChunk::clear() {
    bytes_.clear();
    rows_.clear();
}

bool LogChunk::full() const {
    return rows_.size() >= limits::kVerifyChunkFrames || bytes_.size() >= limits::kVerifyChunkBytes;
}

CheckedChunk check_chunk(LogChunk rows, const RowSumKey& key, Demands demands) {
    CheckedChunk checked(key);
    checked.rows = std::move(rows);
    checked.frames.reserve(limits::kVerifyChunkFrames);
    checked.rows.each([&](std::string_view row_key, std::string_view value) {
        const std::span bytes(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
        auto decoded = Frame::decode(bytes);
        if (!decoded) {
            checked.problem = decoded.error().context;
        } else if (row_key != log_key((*decoded)->first()).view()) {
            checked.problem = "the frame stands under another position";
        }
        if (!checked.problem.empty()) return false;
        const Frame& frame = **decoded;
        if (demands == Demands::add_up) {
            for_each_index_row(frame, [&](RowFamily family, std::string_view demanded,
                                          std::string_view its_value) {
                // Our own rows fit.
                static_cast<void>(checked.demanded.of(family).add(demanded, its_value));
            });
        }
        checked.frames.push_back({frame.header(), bytes, body_digest(frame),
                                  may_name_ledger(frame) ? *decoded : nullptr});
        return true;
    });
    return checked;
}

}  // namespace decklog::store
