#include "projections/audit/ranking.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace decklog::projections::audit {
namespace {

// Up to here reading every tied text costs less than walking the book.
constexpr std::size_t kTiesReadOneByOne = 256;

/// The count of the last place of `limit`; 0 when there are not so many counts.
std::int64_t last_place(const PagedCounts& counts, std::size_t limit) {
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> best;
    counts.each([&](std::uint32_t, std::int64_t count) {
        if (count <= 0 || (best.size() == limit && count <= best.top())) return;
        if (best.size() == limit) best.pop();
        best.push(count);
    });
    return best.size() < limit ? 0 : best.top();
}

void append_first_tied(const counting::Words& words, counting::Book book, const PagedCounts& counts,
                       std::int64_t tied, std::size_t wanted, std::vector<Ranked>& out) {
    words.each(book, [&](std::string_view text, std::uint32_t number) {
        if (wanted == 0) return false;
        if (counts.of(number) == tied) {
            out.push_back({std::string(text), tied});
            --wanted;
        }
        return wanted > 0;
    });
}

void sort_ranks(std::vector<Ranked>& ranks) {
    std::sort(ranks.begin(), ranks.end(), [](const Ranked& left, const Ranked& right) {
        return left.count != right.count ? left.count > right.count : left.text < right.text;
    });
}

}  // namespace

std::vector<Ranked> ranked(const counting::Words& words, counting::Book book,
                           const PagedCounts& counts, std::size_t limit) {
    const std::int64_t last = limit == kAllRanks ? 0 : last_place(counts, limit);
    std::vector<Ranked> ranks;
    std::vector<std::uint32_t> tied;
    counts.each([&](std::uint32_t number, std::int64_t count) {
        if (count > last) ranks.push_back({words.text(book, number), count});
        if (count == last && tied.size() <= kTiesReadOneByOne) tied.push_back(number);
    });
    if (tied.size() <= kTiesReadOneByOne) {
        for (const std::uint32_t number : tied) ranks.push_back({words.text(book, number), last});
    } else {
        append_first_tied(words, book, counts, last, limit - ranks.size(), ranks);
    }
    sort_ranks(ranks);
    if (limit != kAllRanks && ranks.size() > limit) ranks.resize(limit);
    return ranks;
}

}  // namespace decklog::projections::audit
