#include "projections/audit/ranking.hpp"

#include <algorithm>

namespace decklog::projections::audit {
namespace {

struct Numbered {
    std::uint32_t number;
    std::int64_t count;
};
using Numbers = std::vector<Numbered>;

// Up to here reading every tied text costs less than walking the book.
constexpr std::size_t kTiesReadOneByOne = 256;

Numbers positive(const PagedCounts& counts) {
    Numbers numbers;
    counts.each([&](std::uint32_t number, std::int64_t count) {
        if (count > 0) numbers.push_back({number, count});
    });
    return numbers;
}

void append_texts(const counting::Words& words, counting::Book book, const Numbers& numbers,
                  std::vector<Ranked>& out) {
    for (const Numbered& one : numbers) out.push_back({words.text(book, one.number), one.count});
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
    Numbers numbers = positive(counts);
    std::vector<Ranked> ranks;
    if (limit == kAllRanks || numbers.size() <= limit) {
        append_texts(words, book, numbers, ranks);
        sort_ranks(ranks);
        return ranks;
    }
    const auto more = [](const Numbered& left, const Numbered& right) {
        return left.count > right.count;
    };
    std::nth_element(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(limit - 1),
                     numbers.end(), more);
    const std::int64_t last = numbers[limit - 1].count;
    const auto certain_end = std::partition(
        numbers.begin(), numbers.end(), [last](const Numbered& one) { return one.count > last; });
    const auto tied_end = std::partition(certain_end, numbers.end(),
                                         [last](const Numbered& one) { return one.count == last; });
    append_texts(words, book, Numbers(numbers.begin(), certain_end), ranks);
    const Numbers tied(certain_end, tied_end);
    if (tied.size() <= kTiesReadOneByOne) {
        append_texts(words, book, tied, ranks);
    } else {
        append_first_tied(words, book, counts, last, limit - ranks.size(), ranks);
    }
    sort_ranks(ranks);
    ranks.resize(limit);
    return ranks;
}

}  // namespace decklog::projections::audit
