// Reading JSON that somebody else wrote: every accessor answers "absent" for what is missing, of
// another type or out of bounds, so that adapters read like the platform's documentation and no
// input can throw. Views live as long as the value.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::ingest {

using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

/// Rejections: `invalid_json`, `json_too_deep` (limit).
[[nodiscard]] domain::Decision<Json> parse_json(std::string_view text);

/// nullptr: absent or not an object. A null `object` reads as an empty one, so paths can be
/// chained.
[[nodiscard]] const JsonObject* object_at(const JsonObject* object, std::string_view key);
/// An empty array when absent.
[[nodiscard]] const JsonArray& array_at(const JsonObject* object, std::string_view key);
[[nodiscard]] const Json* value_at(const JsonObject* object, std::string_view key);
/// Empty: absent or not a string.
[[nodiscard]] std::string_view text_at(const JsonObject* object, std::string_view key);
/// An id from outside, given as a string or an integer: 1-200 bytes without control characters;
/// else empty.
[[nodiscard]] std::string id_at(const JsonObject* object, std::string_view key);
[[nodiscard]] std::string id_of(const Json& value);
[[nodiscard]] std::string id_of_text(std::string_view text);
/// An integer, or a string of decimal digits.
[[nodiscard]] std::optional<std::int64_t> integer_at(const JsonObject* object,
                                                     std::string_view key);
[[nodiscard]] bool flag_at(const JsonObject* object, std::string_view key);
[[nodiscard]] inline bool has(const JsonObject* object, std::string_view key) {
    return value_at(object, key) != nullptr;
}

/// Unix seconds as microseconds; 0 when absent or not a plausible time.
[[nodiscard]] std::int64_t seconds_at(const JsonObject* object, std::string_view key);

/// The word itself when it may stand in the clear (`[A-Za-z0-9_.:-]`, 1-64), else `other`.
[[nodiscard]] std::string clear_word(std::string_view word);

/// Canonical text of an item for hashing; text that cannot be canonical (a key twice) stands for
/// itself.
[[nodiscard]] std::string canonical_or_raw(std::string_view text);

}  // namespace decklog::ingest
