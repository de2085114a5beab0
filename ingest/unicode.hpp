// Counting text: platforms give offsets in UTF-16 code units, decklog keeps code points. Pure, any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace decklog::ingest {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 1;
};

/// The code point that begins at byte `at`; a byte that begins none stands for itself
/// (U+0080-U+00FF), so that every text can be walked to its end.
[[nodiscard]] CodePoint code_point_at(std::string_view utf8, std::size_t at);

[[nodiscard]] std::size_t code_points(std::string_view utf8);

/// How many code points begin before UTF-16 offset `units`; offsets past the end mean the end.
[[nodiscard]] std::uint32_t code_points_before(std::string_view utf8, std::uint64_t units);

/// The bytes of the first `points` code points.
[[nodiscard]] std::string_view first_code_points(std::string_view utf8, std::size_t points);

}  // namespace decklog::ingest
