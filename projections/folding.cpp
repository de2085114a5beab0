#include "projections/folding.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "domain/registry.hpp"

namespace decklog::projections {

std::string misunderstood(const View& view, const domain::EventView& event) {
    const domain::TypeInfo* known = domain::find_type(event.type());
    if (known != nullptr && event.schema_version() <= known->schema_version) return {};
    const auto families = view.families();
    const auto family = domain::family_of(event.type());
    if (std::find(families.begin(), families.end(), family) == families.end()) return {};
    const std::string what =
        known == nullptr ? fmt::format("event type 0x{:04x} is unknown to this build", event.type())
                         : fmt::format("{} has schema version {}, this build knows {}", known->name,
                                       event.schema_version(), known->schema_version);
    return fmt::format("stopped at {}:{}: {}; start a newer build", event.position().partition,
                       event.position().ordinal, what);
}

std::vector<Parked> list_of(const ParkedKeys& keys) {
    std::vector<Parked> list;
    list.reserve(keys.size());
    for (const auto& [key, at] : keys) list.push_back({key, at.reason, at.ordinal, at.events});
    return list;
}

void apply_event(Fold& fold, const domain::EventView& event, const ParkedKeys& parked,
                 ParkedKeys& changed) {
    auto poison = fold.apply(event);
    if (!poison) return;
    if (const auto known = changed.find(poison->key); known != changed.end()) {
        known->second.events += 1;
    } else if (const auto old = parked.find(poison->key); old != parked.end()) {
        changed.emplace(old->first, old->second).first->second.events += 1;
    } else {
        changed.emplace(std::move(poison->key),
                        ParkedAt{event.position().ordinal, std::move(poison->reason)});
    }
}

void keep(ParkedKeys& parked, ParkedKeys changed) {
    for (auto& [key, at] : changed) parked.insert_or_assign(key, std::move(at));
}

}  // namespace decklog::projections
