#include <algorithm>
#include <string_view>

#include "domain/registry.hpp"
#include "store/query/event_query.hpp"

namespace decklog::store {
namespace {

using Values = std::vector<std::string>;

bool any_of(const Values& wanted, std::string_view value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

/// What an event leaves empty, answers show as this word.
bool any_of_or(std::string_view word_for_none, const Values& wanted, std::string_view value) {
    return any_of(wanted, value) || (value.empty() && any_of(wanted, word_for_none));
}

bool type_matches(const Values& wanted, const domain::EventView& event) {
    if (wanted.empty() || any_of(wanted, event.type_name())) return true;
    const domain::TypeInfo* carrier = domain::find_type(event.type());
    return carrier != nullptr && any_of(wanted, carrier->name);
}

bool stream_matches(const EventFilter& filter, const domain::EventView& event) {
    if (filter.streams.empty()) return true;
    if (!any_of(filter.streams, event.stream())) return false;
    const Values& workspaces = filter.stream_workspaces;
    return !filter.workspace.empty() ||
           std::find(workspaces.begin(), workspaces.end(), event.workspace()) != workspaces.end();
}

bool place_matches(const EventFilter& filter, const domain::EventView& event) {
    return (!filter.from || *filter.from <= event.position()) &&
           (!filter.to || event.position() <= *filter.to) &&
           (!filter.since_us || *filter.since_us <= event.occurred_at_us()) &&
           (!filter.until_us || event.occurred_at_us() < *filter.until_us);
}

}  // namespace

bool matches(const EventFilter& filter, const domain::EventView& event) {
    return place_matches(filter, event) &&
           (filter.workspace.empty() || event.workspace() == filter.workspace) &&
           any_of_or("unknown", filter.platforms, event.platform()) &&
           any_of_or("unknown", filter.conversations, event.conversation()) &&
           any_of_or("unknown", filter.actors, event.actor_id()) &&
           any_of(filter.accounts, event.account()) && any_of(filter.releases, event.release()) &&
           any_of(filter.correlations, event.correlation_id()) &&
           any_of_or("none", filter.cohorts, domain::to_text(event.cohort())) &&
           any_of(filter.actions, event.action()) && stream_matches(filter, event) &&
           type_matches(filter.types, event);
}

}  // namespace decklog::store
