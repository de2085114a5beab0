// A place in a whole ledger, which may have several partitions: a position in each of them that was
// read from (contract, "Cursors and waiting"). Text: `7f3a9c01.0:12,1:9`, the same positions in
// ascending order; with one position it is the cursor of ids.hpp. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"

namespace decklog::domain {

/// At most one position a partition, ascending. A partition that is left out: nothing of it was
/// read yet.
using Positions = std::vector<Position>;

/// `positions` are not empty.
[[nodiscard]] std::string to_cursor(const LedgerId& ledger, std::span<const Position> positions);

struct ParsedCursorList {
    Positions positions;  // empty with an error, and only then
    std::optional<CursorError> error;
};
/// Accepts a list of this ledger in any order, bare or not; a partition that stands there twice is
/// malformed. Whether the ledger has the partitions is for the caller to say.
[[nodiscard]] ParsedCursorList parse_cursor_list(std::string_view text, const LedgerId& ledger);

/// The position of one partition; nullopt: it was left out.
[[nodiscard]] std::optional<Position> position_in(std::span<const Position> positions,
                                                  std::uint32_t partition);

/// Puts the position in its partition's place.
void set_position(Positions& positions, Position position);

}  // namespace decklog::domain
