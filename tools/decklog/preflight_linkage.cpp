#include "tools/decklog/preflight_linkage.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace decklog::cli {
namespace {

namespace json = boost::json;

const json::object* object_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

bool is_given(const json::value& value) {
    return !value.is_null() && !(value.is_string() && value.get_string().empty());
}

bool is_informative(const json::object& linkage) {
    const json::object* attempted = object_in(linkage, "attempted");
    return attempted != nullptr &&
           std::any_of(attempted->begin(), attempted->end(),
                       [](const auto& member) { return is_given(member.value()); });
}

/// Empty: nothing is wrong with it.
std::string problem_of(const json::object& event) {
    const json::object* payload = object_in(event, "payload");
    const json::object* details = payload == nullptr ? nullptr : object_in(*payload, "details");
    if (details == nullptr) return "its details are sealed or gone";
    const json::object* linkage = object_in(*details, "linkage");
    if (linkage == nullptr) return "it has no linkage";
    const auto* action = event.if_contains("action");
    const bool is_resolved = action != nullptr && action->is_string() &&
                             action->get_string() == "ingest_conversation_linkage_resolved";
    if (!is_resolved) return is_informative(*linkage) ? "" : "attempted says nothing";
    const auto* applied = linkage->if_contains("appliedListingId");
    return applied != nullptr && is_given(*applied) ? "" : "appliedListingId is not set";
}

}  // namespace

PreflightGate check_linkage(const json::array& events) {
    constexpr const char* kGate = "linkage-sample";
    if (events.empty()) return missing(kGate, "the log holds no linkage audit");
    for (const json::value& value : events) {
        const json::object* event = value.if_object();
        if (event == nullptr) return failed(kGate, "an event could not be read");
        const std::string problem = problem_of(*event);
        if (problem.empty()) continue;
        const auto* position = event->if_contains("position");
        const std::string where = position != nullptr && position->is_string()
                                      ? std::string(position->get_string()) + ": "
                                      : std::string();
        return failed(kGate, where + problem);
    }
    return passed(kGate, std::to_string(events.size()) + " linkage audits");
}

}  // namespace decklog::cli
