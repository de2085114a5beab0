#include "tools/decklog/drill_snapshot.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kRows = 10;

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
    for (const char* name : {"auditByPlatform", "auditByAgent", "auditByConversation"}) {
        const auto* list = signals->get_object().if_contains(name);
        if (list == nullptr || !list->is_array()) return std::nullopt;
        const json::array& rows = list->get_array();
        const auto count = std::min(rows.size(), kRows);
        excerpt[name] =
            json::array(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count));
    }
    return excerpt;
}

}  // namespace decklog::cli
