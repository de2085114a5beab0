// Numbers and texts whose bytes sort as they do, for the parts of keys and packed entries that
// row_bytes.hpp has no sorting form for: numbers that are small and still sort, and texts that
// stand before other parts. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "projections/row_bytes.hpp"

namespace decklog::projections::counting {

/// 1 byte below 128, 2 below 16,384, 3 below 2,097,152, 4 below 2^28, else 9.
void put_ordered(std::string& out, std::uint64_t number);
[[nodiscard]] std::uint64_t ordered_number(RowBytes& bytes);

/// Any bytes; a text sorts before every longer text that begins with it, whatever part follows.
void put_ordered(std::string& out, std::string_view text);
[[nodiscard]] std::string ordered_text(RowBytes& bytes);

/// One text after the other: sorts by the first, then the second, and so on.
template <class... Texts>
[[nodiscard]] std::string texts(const Texts&... parts) {
    std::string out;
    (put_ordered(out, std::string_view(parts)), ...);
    return out;
}

}  // namespace decklog::projections::counting
