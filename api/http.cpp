#include "api/http.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace decklog::api {
namespace {

template <class Pairs>
const std::string* find_value(const Pairs& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) return &value;
    }
    return nullptr;
}

}  // namespace

std::string_view Request::header(std::string_view name) const {
    const std::string* value = find_value(headers, name);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
}

std::optional<std::string> Request::param(std::string_view name) const {
    const std::string* value = find_value(query, name);
    return value == nullptr ? std::nullopt : std::optional<std::string>{*value};
}

std::vector<std::string> Request::params(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : query) {
        if (key == name) values.push_back(value);
    }
    return values;
}

std::string shown_field(std::string_view field) {
    constexpr std::size_t kCharsMax = 40;
    const bool is_shown =
        field.size() <= kCharsMax && std::all_of(field.begin(), field.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '_' || c == '.' || c == '-' || c == '[' || c == ']';
        });
    return is_shown ? std::string(field) : std::string();
}

Answer error_answer(int status, std::string_view code, std::string_view message,
                    std::string_view field, std::optional<std::int64_t> limit) {
    boost::json::object body{{"error", code}, {"message", message}};
    if (const std::string shown = shown_field(field); !shown.empty()) body["field"] = shown;
    if (limit) body["limit"] = *limit;
    Answer answer;
    answer.status = status;
    answer.body = boost::json::serialize(body);
    answer.error_code = code;
    return answer;
}

}  // namespace decklog::api
