// Text of several lines as chat platforms show it unread: a block of code, in which columns stand
// under each other and stars, underscores and names mean nothing. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace decklog::ingest {

/// `escaped`: how a platform wants a byte written; called for ASCII alone. At most `bytes_max`
/// bytes as written, cut between code points with `…` in place of the rest. Backquotes, which could
/// end the block, become quotes; control characters become `·`.
[[nodiscard]] std::string plain_block(std::string_view text, std::size_t bytes_max,
                                      std::string (*escaped)(char));

}  // namespace decklog::ingest
