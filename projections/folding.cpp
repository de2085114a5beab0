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
    for (const auto& [key, at] : keys) list.push_back({key, at.reason});
    return list;
}

std::vector<std::string> fold_events(const View& view, const RowReader& before,
                                     std::span<const domain::EventView> events, RowWriter& rows,
                                     ParkedKeys& parked) {
    std::vector<std::string> newly;
    const auto fold = view.begin(before);
    for (const domain::EventView& event : events) {
        auto poison = fold->apply(event);
        if (!poison) continue;
        const auto [row, inserted] = parked.try_emplace(
            std::move(poison->key), ParkedAt{event.position().ordinal, std::move(poison->reason)});
        if (inserted) newly.push_back(row->first);
    }
    fold->finish(rows);
    return newly;
}

}  // namespace decklog::projections
