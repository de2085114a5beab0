#include "projections/audit/audit_query.hpp"

#include <array>
#include <utility>

#include "domain/registry.hpp"
#include "projections/audit/audit_filters.hpp"
#include "projections/audit/merged_ranks.hpp"
#include "projections/audit/ranking.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/ordered_bytes.hpp"
#include "projections/counting/paged_counts.hpp"

namespace decklog::projections {
namespace {

using audit::AuditFilters;
using counting::Words;

constexpr std::array<std::pair<std::string_view, AuditBy>, 4> kByTexts{
    {{"platform", AuditBy::platform},
     {"agent", AuditBy::agent},
     {"conversation", AuditBy::conversation},
     {"action", AuditBy::action}}};

bool is_critical(const Words& words, std::uint32_t action) {
    const domain::ActionInfo* info =
        domain::find_action(words.text(audit::books::kActions, action));
    return info != nullptr && info->critical;
}

audit::PagedCounts from_pyramid(const RowReader& rows, const Words& words, const AuditQuery& query,
                                const counting::Window& window, const AuditFilters& filters) {
    const audit::WindowCounts sums(rows, window,
                                   query.critical ? audit::Actions::critical : audit::Actions::all);
    audit::PagedCounts counts;
    sums.of(audit::group_of(query.by)).each([&](std::uint32_t number, std::int64_t count) {
        if (!filters.allows(query.by, number)) return;
        // Actions are counted whole in the pyramid, critical or not.
        if (query.critical && query.by == AuditBy::action && !is_critical(words, number)) return;
        counts.add(number, count);
    });
    return counts;
}

audit::PagedCounts from_entries(const RowReader& rows, const AuditQuery& query,
                                const counting::Window& window, const AuditFilters& filters) {
    audit::PagedCounts counts;
    audit::each_entry(rows, window, [&](std::int64_t, const audit::AuditEntry& entry) {
        if (query.critical && !entry.critical) return true;
        if (filters.passes(entry)) counts.add(audit::number_of(entry, query.by), 1);
        return true;
    });
    return counts;
}

}  // namespace

std::optional<AuditBy> audit_by_from_text(std::string_view text) {
    for (const auto& [name, by] : kByTexts) {
        if (name == text) return by;
    }
    return std::nullopt;
}

std::string_view to_text(AuditBy by) {
    for (const auto& [name, value] : kByTexts) {
        if (value == by) return name;
    }
    return {};
}

AuditCounts audit_counts(const RowReader& audit_rows, const AuditQuery& query) {
    const Words words(audit_rows);
    const counting::Window window{query.since_us, query.until_us};
    const AuditFilters filters(words, query);
    const audit::PagedCounts counts = filters.only(query.by)
                                          ? from_pyramid(audit_rows, words, query, window, filters)
                                          : from_entries(audit_rows, query, window, filters);
    AuditCounts answer;
    counts.each([&](std::uint32_t, std::int64_t count) { answer.total += count; });
    for (auto& [text, count] :
         audit::ranked(words, audit::book_of(audit::group_of(query.by)), counts, query.limit)) {
        AuditCount item;
        if (query.by == AuditBy::agent) {
            RowBytes parts(text);
            item.actor_type = counting::ordered_text(parts);
            item.key = counting::ordered_text(parts);
        } else {
            item.key = std::move(text);
        }
        item.count = count;
        answer.items.push_back(std::move(item));
    }
    return answer;
}

AuditCounts merged(std::span<const AuditCounts> partitions, std::size_t limit) {
    AuditCounts sum;
    std::vector<const std::vector<AuditCount>*> lists;
    for (const AuditCounts& counts : partitions) {
        sum.total += counts.total;
        lists.push_back(&counts.items);
    }
    sum.items = audit::merged_ranks(lists, limit);
    return sum;
}

AuditCounts audit_counts(std::span<const RowReader* const> audit_rows, const AuditQuery& query) {
    if (audit_rows.size() == 1) return audit_counts(*audit_rows.front(), query);
    AuditQuery whole = query;
    whole.limit = 0;
    std::vector<AuditCounts> partitions;
    for (const RowReader* rows : audit_rows) partitions.push_back(audit_counts(*rows, whole));
    return merged(partitions, query.limit);
}

}  // namespace decklog::projections
