// What a token may do, in one word: `viewer` reads, `operator` reads and acts, `ingest` appends and
// reads nothing, `admin` does everything, `gate` reports the result of one gate. The words stand in
// the log. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace decklog::domain {

enum class TokenRole : std::uint8_t { viewer, operator_, ingest, admin, gate };
[[nodiscard]] std::string_view to_text(TokenRole role);
[[nodiscard]] std::optional<TokenRole> token_role_from_text(std::string_view text);

}  // namespace decklog::domain
