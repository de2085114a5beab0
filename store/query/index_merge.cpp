#include "store/query/index_merge.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kAheadMax = 256;  // positions of one scan kept ready

}  // namespace

IndexMerge::IndexMerge(const LogReader& log, std::uint32_t partition, std::vector<IndexKey> keys,
                       Order order, std::optional<domain::Position> after)
    : log_(log), partition_(partition), order_(order) {
    for (IndexKey& key : keys) sources_.push_back(Source{std::move(key), after});
}

domain::Result<std::optional<domain::Position>> IndexMerge::next() {
    std::optional<domain::Position> first;
    for (Source& source : sources_) {
        if (source.ahead.empty() && !source.exhausted) {
            if (const auto filled = refill(source); !filled) {
                return tl::unexpected(filled.error());
            }
        }
        if (source.ahead.empty()) continue;
        if (!first || comes_first(source.ahead.front(), *first)) first = source.ahead.front();
    }
    for (Source& source : sources_) {
        if (!source.ahead.empty() && source.ahead.front() == first) source.ahead.pop_front();
    }
    return first;
}

domain::Result<void> IndexMerge::refill(Source& source) const {
    auto scanned = log_.scan(partition_, source.key, order_, source.after,
                             [&source](domain::Position position) {
                                 source.ahead.push_back(position);
                                 return source.ahead.size() < kAheadMax;
                             });
    source.exhausted = source.ahead.size() < kAheadMax;
    if (!source.ahead.empty()) source.after = source.ahead.back();
    return scanned;
}

bool IndexMerge::comes_first(domain::Position a, domain::Position b) const {
    return order_ == Order::ascending ? a < b : b < a;
}

}  // namespace decklog::store
