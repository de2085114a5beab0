#include "ingest/blanking.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <vector>

#include "ingest/form.hpp"

namespace decklog::ingest {
namespace {

constexpr char kBlank = '*';

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The content of the string whose opening quote stands at `quote`.
Range string_at(std::string_view json, std::size_t quote) {
    std::size_t at = quote + 1;
    while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2U : 1U;
    return {quote + 1, std::min(at, json.size())};
}

std::size_t skip_space(std::string_view json, std::size_t at) {
    return std::min(json.find_first_not_of(" \t\r\n", at), json.size());
}

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
    if (key.find('\\') == std::string_view::npos)
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    boost::json::error_code failure;
    const auto plain = boost::json::parse("\"" + std::string(key) + "\"", failure);
    return !failure &&
           std::find(keys.begin(), keys.end(), std::string_view(plain.get_string())) != keys.end();
}

/// In valid JSON a string followed by a colon is a key, whatever surrounds it: no stack is needed.
std::vector<Range> bearer_values(std::string_view json, std::span<const std::string_view> keys) {
    std::vector<Range> values;
    std::size_t at = json.find('"');
    while (at < json.size()) {
        const Range key = string_at(json, at);
        at = skip_space(json, key.end + 1);
        if (at < json.size() && json[at] == ':') {
            at = skip_space(json, at + 1);
            const bool bearer = is_one_of(json.substr(key.begin, key.end - key.begin), keys);
            if (bearer && at < json.size() && json[at] == '"') {
                values.push_back(string_at(json, at));
                at = values.back().end + 1;
            }
        }
        at = json.find('"', at);
    }
    return values;
}

/// Where each byte of the decoded text begins in the encoded one.
std::vector<std::size_t> encoded_offsets(std::string_view raw) {
    std::vector<std::size_t> offsets;
    for (std::size_t at = 0; at < raw.size(); at += raw[at] == '%' ? 3U : 1U) offsets.push_back(at);
    offsets.push_back(raw.size());
    return offsets;
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin),
              text.begin() + static_cast<std::ptrdiff_t>(end), kBlank);
}

void blank_form(std::string_view body, std::span<const std::string_view> keys, std::string& copy) {
    const auto form = parse_form(body);
    if (!form) return;
    for (const FormField& field : *form) {
        if (field.raw.empty()) continue;  // nothing to blank, and no place in the body
        const auto start = static_cast<std::size_t>(field.raw.data() - body.data());
        if (std::find(keys.begin(), keys.end(), field.key) != keys.end()) {
            blank(copy, start, start + field.raw.size());
        } else if (field.key == "payload") {
            const auto offsets = encoded_offsets(field.raw);
            for (const Range& value : bearer_values(field.value, keys)) {
                blank(copy, start + offsets[value.begin], start + offsets[value.end]);
            }
        }
    }
}

}  // namespace

std::string blanked(std::string_view body, bool is_form, std::span<const std::string_view> keys) {
    std::string copy(body);
    if (keys.empty()) return copy;
    if (is_form) {
        blank_form(body, keys, copy);
        return copy;
    }
    for (const Range& value : bearer_values(body, keys)) blank(copy, value.begin, value.end);
    return copy;
}

}  // namespace decklog::ingest
