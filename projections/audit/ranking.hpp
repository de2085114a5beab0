// The counts of a window as lists: count descending, then the text bytewise. A limited list reads
// few texts: those that are certainly in it, and of those that tie for its last places either each
// one, or, when many tie, the first of them in the order of texts. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "projections/counting/paged_counts.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::audit {

using counting::PagedCounts;

struct Ranked {
    std::string text;  // as in the book: one word, or several in ordered bytes
    std::int64_t count = 0;
};

inline constexpr std::size_t kAllRanks = 0;

[[nodiscard]] std::vector<Ranked> ranked(const counting::Words& words, counting::Book book,
                                         const PagedCounts& counts, std::size_t limit);

}  // namespace decklog::projections::audit
