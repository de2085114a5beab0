// JSON as text: its canonical form for request hashes, and the parts of a text as they were written
// (Boost.JSON's own serialiser rewrites numbers and collapses duplicate keys, so neither can go
// through it). Boost.JSON's event parser judges what is JSON: RFC 8259, valid UTF-8, no lone
// surrogates, no byte order mark. Pure, any thread.
//
// Canonical form: object keys sorted by the bytes of their UTF-8, no white space, number tokens
// exactly as written (`1`, `1.0` and `1e0` differ), strings by their characters: every escape is
// resolved and written again in one way (store/json/json_string.hpp), so `"\u0041"` equals `"A"`.
// No Unicode normalisation. Equal canonical text is what "the same request" means, so this form
// never changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/result.hpp"

namespace decklog::store {

/// Rejections: `invalid_json`, `json_too_deep` (limit), `duplicate_key` (field: its dotted path;
/// keys are compared with their escapes resolved). `depth_max` is how many objects and arrays may
/// stand inside each other.
[[nodiscard]] domain::Decision<std::string> canonical_json(std::string_view text,
                                                           std::size_t depth_max);

/// The text of the value at `path` (dotted keys, escapes resolved; a key with a dot in it cannot be
/// named) inside a JSON object, as written; empty view when absent, and the first of duplicates.
/// `text` must have passed canonical_json or json_array_items; other text yields an empty view or
/// some part of it, never a read past its end.
[[nodiscard]] std::string_view json_token_at(std::string_view text, std::string_view path);

/// The items of a JSON array as written, one view each; none when `array` is no array. The same
/// demand on `array` as json_token_at.
[[nodiscard]] std::vector<std::string_view> json_items(std::string_view array);

/// The items of a top-level JSON array that nobody has looked at yet. Rejections: `invalid_json`
/// (also: not an array), `json_too_deep` (the array itself counts as one level).
[[nodiscard]] domain::Decision<std::vector<std::string_view>> json_array_items(
    std::string_view text, std::size_t depth_max);

/// Every leaf of an object, in the order written: dotted path and the value's text as written.
/// Objects are entered, `depth` levels of them (1: only the outermost); arrays, empty objects and
/// objects further down are leaves. A path is dotted only when each of its keys is one or more of
/// `[A-Za-z0-9_-]`; else it is the JSON array of its keys, which begins with `[` and so never
/// equals, nor begins like, a dotted path: {"a.b":1} is `["a.b"]`, {"a":{"b":1}} is `a.b`. Empty
/// when `text` is no object. The same demand on `text` as json_token_at.
[[nodiscard]] std::vector<std::pair<std::string, std::string_view>> json_leaves(
    std::string_view text, std::size_t depth);

}  // namespace decklog::store
