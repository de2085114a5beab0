#include "tools/decklog/drill_snapshot.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kRows = 10;

struct List {
    const char* key;
    const char* name;
};
constexpr std::array kLists{List{"auditByPlatform", "by platform"},
                            List{"auditByAgent", "by agent"},
                            List{"auditByConversation", "by conversation"}};

}  // namespace

std::optional<json::object> snapshot_excerpt(std::string_view answer) {
    json::error_code error;
    const json::value whole = json::parse(json::string_view(answer.data(), answer.size()), error);
    if (error || !whole.is_object()) return std::nullopt;
    json::object excerpt;
    for (const char* name : {"windowHours", "asOf"}) {
        if (const auto* value = whole.get_object().if_contains(name)) excerpt[name] = *value;
    }
    const auto* signals = whole.get_object().if_contains("signals");
    if (signals == nullptr || !signals->is_object()) return std::nullopt;
    for (const List& each : kLists) {
        const auto* list = signals->get_object().if_contains(each.key);
        if (list == nullptr || !list->is_array()) return std::nullopt;
        const json::array& rows = list->get_array();
        const auto count = std::min(rows.size(), kRows);
        excerpt[each.key] =
            json::array(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return excerpt;
}

std::string lists_without_rows(const json::object& excerpt) {
    std::string names;
    for (const List& each : kLists) {
        const auto* list = excerpt.if_contains(each.key);
        if (list != nullptr && list->is_array() && !list->get_array().empty()) continue;
        names.append(names.empty() ? "" : ", ").append(each.name);
    }
    return names;
}

}  // namespace decklog::cli
