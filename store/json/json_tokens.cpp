// The parts of a JSON text as written. Boost.JSON's events carry no offsets for strings with
// escapes, booleans, nulls and containers, so parts are found by a walk over text that the parser
// has already accepted: the walk only needs to know where a token ends. Every step is bounded by
// the text's end all the same.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <optional>

#include "store/json/canonical_json.hpp"
#include "store/json/json_sax.hpp"
#include "store/json/json_string.hpp"

namespace decklog::store {
namespace {

constexpr std::string_view kSpace = " \t\n\r";

void skip_space(std::string_view& rest) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
}

/// By whole stretches between quotes and backslashes: bodies are mostly text.
std::size_t string_length(std::string_view rest) {
    for (std::size_t at = 1; at < rest.size();) {
        const std::size_t quote = std::min(rest.find('"', at), rest.size());
        const std::size_t escape = rest.substr(at, quote - at).find('\\');
        if (escape == std::string_view::npos) return std::min(quote + 1, rest.size());
        at += escape + 2;
    }
    return rest.size();
}

std::size_t container_length(std::string_view rest) {
    std::size_t at = 0;
    std::size_t open = 0;
    while (at < rest.size()) {
        const char c = rest[at];
        if (c == '"') {
            at += string_length(rest.substr(at));
            continue;
        }
        ++at;
        if (c == '{' || c == '[') ++open;
        if ((c == '}' || c == ']') && --open == 0) break;
    }
    return at;
}

/// Takes the value that `rest` begins with; empty when there is none.
std::string_view take_value(std::string_view& rest) {
    skip_space(rest);
    if (rest.empty()) return {};
    std::size_t length = 0;
    if (rest[0] == '"') {
        length = string_length(rest);
    } else if (rest[0] == '{' || rest[0] == '[') {
        length = container_length(rest);
    } else {
        length = std::min(rest.find_first_of(" \t\n\r,:]}"), rest.size());
    }
    const std::string_view token = rest.substr(0, length);
    rest.remove_prefix(length);
    skip_space(rest);
    return token;
}

bool take(std::string_view& rest, char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    skip_space(rest);
    return true;
}

std::optional<std::string> unescaped(std::string_view key_token) {
    if (key_token.size() < 2) return std::nullopt;
    if (key_token.find('\\') == std::string_view::npos) {
        return std::string(key_token.substr(1, key_token.size() - 2));
    }
    boost::json::error_code error;
    const auto key = boost::json::parse({key_token.data(), key_token.size()}, error);
    if (error || !key.is_string()) return std::nullopt;
    return std::string(key.get_string().data(), key.get_string().size());
}

/// Calls `sink(key, value token)` for each member; `sink` returns false to stop.
template <class Sink>
void for_each_member(std::string_view object, const Sink& sink) {
    skip_space(object);
    if (!take(object, '{')) return;
    while (!object.empty() && object[0] == '"') {
        const auto key = unescaped(take_value(object));
        if (!key || !take(object, ':')) return;
        const std::string_view value = take_value(object);
        if (value.empty() || !sink(*key, value) || !take(object, ',')) return;
    }
}

bool has_members(std::string_view value) {
    if (!take(value, '{')) return false;
    return !value.empty() && value[0] == '"';
}

bool is_plain_key(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
}

std::string path_text(const std::vector<std::string>& keys) {
    std::string text;
    if (std::all_of(keys.begin(), keys.end(), is_plain_key)) {
        for (const std::string& key : keys) text += (text.empty() ? "" : ".") + key;
        return text;
    }
    for (const std::string& key : keys) {
        text += text.empty() ? '[' : ',';
        append_json_string(text, key);
    }
    return text + ']';
}

void add_leaves(std::string_view object, std::size_t depth, std::vector<std::string>& keys,
                std::vector<std::pair<std::string, std::string_view>>& leaves) {
    for_each_member(object, [&](const std::string& key, std::string_view value) {
        keys.push_back(key);
        if (depth > 1 && has_members(value)) {
            add_leaves(value, depth - 1, keys, leaves);
        } else {
            leaves.emplace_back(path_text(keys), value);
        }
        keys.pop_back();
        return true;
    });
}

}  // namespace

std::string_view json_token_at(std::string_view text, std::string_view path) {
    while (true) {
        const std::size_t dot = path.find('.');
        const std::string_view wanted = path.substr(0, dot);
        std::string_view found;
        for_each_member(text, [&](const std::string& key, std::string_view value) {
            if (key == wanted) found = value;
            return found.empty();
        });
        if (dot == std::string_view::npos || found.empty()) return found;
        path.remove_prefix(dot + 1);
        text = found;
    }
}

std::vector<std::string_view> json_items(std::string_view array) {
    std::vector<std::string_view> items;
    skip_space(array);
    if (!take(array, '[')) return items;
    while (!array.empty() && array[0] != ']') {
        items.push_back(take_value(array));
        if (!take(array, ',')) break;
    }
    return items;
}

domain::Decision<std::vector<std::string_view>> json_array_items(std::string_view text,
                                                                 std::size_t depth_max) {
    boost::json::basic_parser<JsonEvents> parser(json_options(depth_max));
    if (auto refusal = parse_events(parser, text, depth_max)) {
        return tl::unexpected(std::move(*refusal));
    }
    skip_space(text);
    if (!text.starts_with('[')) return domain::reject("invalid_json", "send a JSON array");
    return json_items(text);
}

std::vector<std::pair<std::string, std::string_view>> json_leaves(std::string_view text,
                                                                  std::size_t depth) {
    std::vector<std::string> keys;
    std::vector<std::pair<std::string, std::string_view>> leaves;
    if (depth > 0) add_leaves(text, depth, keys, leaves);
    return leaves;
}

}  // namespace decklog::store
