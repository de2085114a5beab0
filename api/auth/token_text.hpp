// A token as people hold it: `dlk_<id>_<43 base64url characters>`, 32 random bytes. Pure but for
// the randomness handed in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "store/clock.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

struct NewToken {
    std::string id;
    std::string text;
};
[[nodiscard]] NewToken make_token(store::Random& random);

/// The id inside a token; nullopt when the text does not have the form of one.
[[nodiscard]] std::optional<std::string_view> token_id_of(std::string_view text);

/// What is kept of a token.
[[nodiscard]] domain::Bytes32 token_hash(const store::Vault& vault, std::string_view text);

}  // namespace decklog::api
