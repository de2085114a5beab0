// Canonical plaintext of a JSON item for request hashes: sorted keys, no spaces, number tokens as
// written (Boost.JSON's own serialiser rewrites numbers and collapses duplicate keys, so this works
// on the text). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::store {

/// Rejections: `invalid_json`, `json_too_deep` (limit), `duplicate_key` (field).
[[nodiscard]] domain::Decision<std::string> canonical_json(std::string_view text,
                                                           std::size_t depth_max);

/// The text of the value at `path` (dotted) inside a JSON object, as written; empty view when
/// absent.
[[nodiscard]] std::string_view json_token_at(std::string_view text, std::string_view path);

/// The items of a top-level JSON array as written, one view each.
[[nodiscard]] domain::Decision<std::vector<std::string_view>> json_array_items(
    std::string_view text, std::size_t depth_max);

}  // namespace decklog::store
