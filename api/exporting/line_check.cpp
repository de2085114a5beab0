#include "api/exporting/line_check.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "api/event_json.hpp"
#include "api/sealed_part.hpp"
#include "domain/limits.hpp"
#include "store/clock.hpp"
#include "store/vault/keyed_vault.hpp"

namespace decklog::api {
namespace {

namespace json = boost::json;

// An answer nests what came in a few levels deeper.
constexpr std::size_t kDepthMax = domain::limits::kJsonDepthMax + 8;
constexpr std::array<std::string_view, 2> kOtherwise{"position", "frame"};
/// Left out where the event has none of it.
constexpr std::array<std::string_view, 8> kIfAny{"action",  "cohort",      "release", "unit",
                                                 "traceId", "causationId", "subject", "personal"};

template <std::size_t Size>
bool is_one_of(const std::array<std::string_view, Size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

/// Nobody's keys: everything sealed stays closed, as in an export that opened nothing.
const store::Vault& no_vault() {
    static const auto vault = store::make_missing_vault(store::system_random());
    return *vault;
}

/// Does the line hold the event's text as it is written here, and nothing else but the position
/// before it and a frame behind it? That of most lines does, and is read no further.
bool is_as_written(std::string_view line, std::string_view text) {
    constexpr std::string_view kBegin = ",\"eventId\":";
    constexpr std::string_view kFrame = ",\"frame\":\"";
    const auto in_line = line.find(kBegin);
    const auto in_text = text.find(kBegin);
    if (in_line == std::string_view::npos || in_text == std::string_view::npos) return false;
    if (line.substr(0, in_line).find(',') != std::string_view::npos) return false;
    line.remove_prefix(in_line);
    text.remove_prefix(in_text);
    text.remove_suffix(1);  // the end of the object
    if (!line.starts_with(text)) return false;
    line.remove_prefix(text.size());
    return line == "}" ||
           (line.starts_with(kFrame) && line.find('"', kFrame.size()) == line.size() - 2);
}

bool is_closed(const json::value& value) {
    const auto* text = value.if_string();
    return text != nullptr && (*text == "[sealed]" || *text == "[erased]");
}

std::string first_difference(const json::value& said, const json::value& true_value);

std::string first_difference(const json::object& said, const json::object& true_values) {
    for (const auto& member : true_values) {
        const auto* value = said.if_contains(member.key());
        if (value == nullptr || is_closed(member.value())) continue;
        const std::string inner = first_difference(*value, member.value());
        if (inner.empty()) continue;
        const std::string name(view(member.key()));
        return inner == "." ? name : name + "." + inner;
    }
    return {};
}

/// Empty: none; `.`: the value itself; else where in it.
std::string first_difference(const json::value& said, const json::value& true_value) {
    if (said.is_object() && true_value.is_object())
        return first_difference(said.get_object(), true_value.get_object());
    if (said.is_double() != true_value.is_double() && said.is_number() && true_value.is_number())
        return said.to_number<double>() == true_value.to_number<double>() ? "" : ".";
    if (said.is_array() && true_value.is_array()) {
        const auto& left = said.get_array();
        const auto& right = true_value.get_array();
        const bool same = std::equal(left.begin(), left.end(), right.begin(), right.end(),
                                     [](const json::value& a, const json::value& b) {
                                         return first_difference(a, b).empty();
                                     });
        return same ? "" : ".";
    }
    return said == true_value ? "" : ".";
}

json::object parsed(std::string_view text) {
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::error_code error;
    auto value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    return !error && value.is_object() ? std::move(value.get_object()) : json::object{};
}

}  // namespace

std::string contradiction(std::string_view line, const domain::EventView& event) {
    const std::string text = event_json(event, {}, Opener(no_vault(), false));
    if (is_as_written(line, text)) return {};
    json::object true_values = parsed(text);
    for (const std::string_view name : kOtherwise)
        true_values.erase(json::string_view(name.data(), name.size()));
    json::object said = parsed(line);
    for (const auto& member : said) {
        const std::string_view name = view(member.key());
        if (is_one_of(kIfAny, name) && !true_values.contains(member.key()))
            return std::string(name);
    }
    return first_difference(said, true_values);
}

}  // namespace decklog::api
