#include "api/queries/audit_counting.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/queries/limits.hpp"
#include "domain/registry.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

using projections::AuditBy;
using projections::AuditCount;
using projections::AuditCounts;

constexpr std::string_view kUnknown = "unknown";

bool is_audited(const domain::EventView& event, bool critical) {
    const domain::TypeInfo* type = domain::find_type(event.type());
    if (type == nullptr || !(event.is(domain::EventType::audit_action_recorded) || type->audited))
        return false;
    if (!critical) return true;
    const domain::ActionInfo* action = domain::find_action(event.action());
    return action != nullptr && action->critical;
}

std::string or_unknown(std::string_view text) {
    return std::string(text.empty() ? kUnknown : text);
}

/// Actor type and key.
std::pair<std::string, std::string> key_of(const domain::EventView& event, AuditBy by) {
    switch (by) {
        case AuditBy::platform:
            return {{}, or_unknown(event.platform())};
        case AuditBy::agent:
            return {or_unknown(event.actor_type()), or_unknown(event.actor_id())};
        case AuditBy::conversation:
            return {{}, or_unknown(event.conversation())};
        case AuditBy::action:
            return {{}, or_unknown(event.action())};
    }
    return {};
}

domain::Result<AuditCounts> count_in_partition(const store::LogReader& log,
                                               const store::EventFilter& filter,
                                               const projections::AuditQuery& query) {
    std::map<std::pair<std::string, std::string>, std::int64_t> counts;
    AuditCounts out;
    store::EventFilter from_here = filter;
    while (true) {
        const auto page = store::find_events(log, from_here, store::Order::ascending,
                                             static_cast<std::size_t>(limits::kListItemsMax));
        if (!page) return tl::unexpected(page.error());
        for (const auto& [frame, index] : page->events) {
            const domain::EventView event = frame->event(index);
            if (!is_audited(event, query.critical)) continue;
            ++counts[key_of(event, query.by)];
            ++out.total;
        }
        if (!page->next) break;
        from_here.after = page->next;
    }
    for (const auto& [key, count] : counts)
        out.items.push_back(AuditCount{key.second, key.first, count});
    return out;
}

}  // namespace

domain::Result<AuditCounts> count_in_log(const store::LogReader& log,
                                         std::span<const store::EventFilter> filters,
                                         const projections::AuditQuery& query) {
    std::vector<AuditCounts> partitions;
    for (const store::EventFilter& filter : filters) {
        auto counts = count_in_partition(log, filter, query);
        if (!counts) return counts;
        partitions.push_back(*std::move(counts));
    }
    return projections::merged(partitions, 0);
}

}  // namespace decklog::api
