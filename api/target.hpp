// A request target taken apart: decoded once, so that `%252F` stays `%2F` and no second reader sees
// another path. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace decklog::api {

struct Target {
    std::vector<std::string> segments;                       // decoded; "/a//b" has an empty one
    std::vector<std::pair<std::string, std::string>> query;  // decoded, "+" is a space, in order
    [[nodiscard]] std::string path() const;                  // decoded
};

/// Origin form (`/a/b?c=d`) or absolute form (`http://host/a`). Nullopt: not a URL by RFC 3986, not
/// UTF-8 once decoded, or with a control character in the path.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace decklog::api
