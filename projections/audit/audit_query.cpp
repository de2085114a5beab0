#include "projections/audit/audit_query.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_set>
#include <utility>

#include "domain/registry.hpp"
#include "projections/audit/audit_rows.hpp"
#include "projections/audit/paged_counts.hpp"
#include "projections/audit/ranking.hpp"
#include "projections/audit/window_counts.hpp"
#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections {
namespace {

using audit::Group;
using counting::Words;

constexpr std::array<std::pair<std::string_view, AuditBy>, 4> kByTexts{
    {{"platform", AuditBy::platform},
     {"agent", AuditBy::agent},
     {"conversation", AuditBy::conversation},
     {"action", AuditBy::action}}};

Group group_of(AuditBy by) {
    switch (by) {
        case AuditBy::platform:
            return Group::platform;
        case AuditBy::agent:
            return Group::agent;
        case AuditBy::conversation:
            return Group::conversation;
        case AuditBy::action:
            return Group::action;
    }
    return Group::platform;
}

std::uint32_t number_of(const audit::AuditEntry& entry, AuditBy by) {
    switch (by) {
        case AuditBy::platform:
            return entry.platform;
        case AuditBy::agent:
            return entry.agent;
        case AuditBy::conversation:
            return entry.conversation;
        case AuditBy::action:
            return entry.action;
    }
    return 0;
}

/// The numbers that one kind of filter lets through; without such a filter, all.
class Allowed {
  public:
    static Allowed words(const Words& words, counting::Book book,
                         const std::vector<std::string>& texts) {
        Allowed allowed(texts.empty());
        for (const std::string& text : texts)
            allowed.allow(words.number(book, audit::or_unknown(text)));
        return allowed;
    }
    static Allowed agents(const Words& words, const std::vector<std::string>& ids) {
        Allowed allowed(ids.empty());
        if (ids.empty()) return allowed;
        words.each(audit::books::kAgents, [&](std::string_view text, std::uint32_t number) {
            RowBytes parts(text);
            (void)counting::ordered_text(parts);  // actor type
            const std::string id = counting::ordered_text(parts);
            const bool wanted = std::any_of(ids.begin(), ids.end(), [&](const std::string& one) {
                return audit::or_unknown(one) == id;
            });
            if (wanted) allowed.allow(number);
            return true;
        });
        return allowed;
    }
    [[nodiscard]] bool everything() const { return everything_; }
    [[nodiscard]] bool has(std::uint32_t number) const {
        return everything_ || numbers_.count(number) != 0;
    }

  private:
    explicit Allowed(bool everything) : everything_(everything) {}
    void allow(std::uint32_t number) {
        if (number != 0) numbers_.insert(number);
    }
    bool everything_;
    std::unordered_set<std::uint32_t> numbers_;
};

constexpr std::array kEveryBy{AuditBy::platform, AuditBy::agent, AuditBy::conversation,
                              AuditBy::action};

/// The filters of a query by dimension, in the order of kEveryBy.
using Filters = std::array<Allowed, kEveryBy.size()>;

Filters filters_of(const Words& words, const AuditQuery& query) {
    return {Allowed::words(words, audit::books::kPlatforms, query.platforms),
            Allowed::agents(words, query.actors),
            Allowed::words(words, audit::books::kConversations, query.conversations),
            Allowed::words(words, audit::books::kActions, query.actions)};
}

/// The pyramid knows each dimension alone: it can answer when nothing but the counted dimension is
/// filtered.
bool pyramid_answers(const Filters& filters, AuditBy by) {
    for (std::size_t i = 0; i < filters.size(); ++i) {
        if (kEveryBy[i] != by && !filters[i].everything()) return false;
    }
    return true;
}

bool is_critical(const Words& words, std::uint32_t action) {
    const domain::ActionInfo* info =
        domain::find_action(words.text(audit::books::kActions, action));
    return info != nullptr && info->critical;
}

audit::PagedCounts from_pyramid(const RowReader& rows, const Words& words, const AuditQuery& query,
                                const counting::Window& window, const Filters& filters) {
    const audit::WindowCounts sums(rows, window,
                                   query.critical ? audit::Actions::critical : audit::Actions::all);
    const Allowed& allowed = filters[static_cast<std::size_t>(query.by)];
    audit::PagedCounts counts;
    sums.of(group_of(query.by)).each([&](std::uint32_t number, std::int64_t count) {
        if (!allowed.has(number)) return;
        // Actions are counted whole in the pyramid, critical or not.
        if (query.critical && query.by == AuditBy::action && !is_critical(words, number)) return;
        counts.add(number, count);
    });
    return counts;
}

audit::PagedCounts from_entries(const RowReader& rows, const AuditQuery& query,
                                const counting::Window& window, const Filters& filters) {
    audit::PagedCounts counts;
    audit::each_entry(rows, window, [&](std::int64_t, const audit::AuditEntry& entry) {
        if (query.critical && !entry.critical) return true;
        for (std::size_t i = 0; i < filters.size(); ++i) {
            if (!filters[i].has(number_of(entry, kEveryBy[i]))) return true;
        }
        counts.add(number_of(entry, query.by), 1);
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
    const Filters filters = filters_of(words, query);
    const audit::PagedCounts counts = pyramid_answers(filters, query.by)
                                          ? from_pyramid(audit_rows, words, query, window, filters)
                                          : from_entries(audit_rows, query, window, filters);
    AuditCounts answer;
    counts.each([&](std::uint32_t, std::int64_t count) { answer.total += count; });
    for (auto& [text, count] :
         audit::ranked(words, audit::book_of(group_of(query.by)), counts, query.limit)) {
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

std::optional<std::int64_t> window_us_from_text(std::string_view text) {
    constexpr std::int64_t kSecondMicros = 1'000'000;
    constexpr std::int64_t kWindowMicrosMax = 366 * counting::kDayMicros;
    if (text.size() < 2) return std::nullopt;
    const char unit = text.back();
    const std::int64_t micros = unit == 's'   ? kSecondMicros
                                : unit == 'm' ? counting::kMinuteMicros
                                : unit == 'h' ? counting::kHourMicros
                                : unit == 'd' ? counting::kDayMicros
                                              : 0;
    text.remove_suffix(1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (micros == 0 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : text) {
        number = number * 10 + (digit - '0');
        if (number > kWindowMicrosMax / micros) return std::nullopt;
    }
    return number == 0 ? std::nullopt : std::optional(number * micros);
}

}  // namespace decklog::projections
