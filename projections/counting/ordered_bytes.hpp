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
/// Removes it from the front; from bytes that are cut short, all of them, and answers 0. Inline: a
/// query reads hundreds of thousands.
[[nodiscard]] inline std::uint64_t take_ordered(std::string_view& rest);

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

inline std::uint64_t take_ordered(std::string_view& rest) {
    if (rest.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest.front());
    // Leading ones of the first byte: how many bytes follow; four of them: eight.
    const std::size_t more = first < 0x80U   ? 0
                             : first < 0xC0U ? 1
                             : first < 0xE0U ? 2
                             : first < 0xF0U ? 3
                                             : 8;
    if (rest.size() <= more) {
        rest = {};
        return 0;
    }
    std::uint64_t number = more == 8 ? 0 : first & (0x7FU >> more);
    for (std::size_t i = 1; i <= more; ++i)
        number = (number << 8U) | static_cast<std::uint8_t>(rest[i]);
    rest.remove_prefix(more + 1);
    return number;
}

}  // namespace decklog::projections::counting
