// What of an audit action's `details` may stand in the clear. The details are sealed whole, as the
// text that came; the keys of one table (docs/events.md) are also copied out, because views count
// by them and views never open a sealed part. When nothing but such keys is there, nothing needs
// sealing. In doubt a value is sealed and not copied: a leak is forever. This folder reads no JSON;
// the edge takes the object apart into leaves. Pure, any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::domain {

/// The longest JSON token that is copied; longer ones are prose, whatever their key.
inline constexpr std::size_t kClearDetailBytesMax = 256;

/// One leaf of the details object: the keys that lead to it, unescaped, and its JSON token as
/// written. Arrays and empty objects are leaves too, as whole tokens.
struct DetailLeaf {
    std::vector<std::string> keys;
    std::string_view token;
};

struct ClearDetail {
    std::string path;   // keys joined by dots
    std::string value;  // the JSON token as written
    bool operator==(const ClearDetail&) const = default;
};

struct SplitDetails {
    std::vector<ClearDetail> known;  // by path, each once
    bool needs_sealing = false;      // something was not copied
};

/// The table, sorted; `decision.*` stands for any one key below `decision`.
[[nodiscard]] std::span<const std::string_view> clear_paths();

/// Does the table name this path? Says nothing about the value there: see split_details.
[[nodiscard]] bool is_clear_path(std::string_view dotted_path);

/// A leaf is copied when the table names its path and its token is a short scalar. Below a
/// wildcard, where anyone may invent keys, text must also be one word (a code, an id, a time) under
/// a key that does not announce prose or a person. Keys that hold dots are never taken for paths.
/// Of a repeated path the last is copied, and all is sealed.
[[nodiscard]] SplitDetails split_details(std::span<const DetailLeaf> leaves);

}  // namespace decklog::domain
