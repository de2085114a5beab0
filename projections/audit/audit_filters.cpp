#include "projections/audit/audit_filters.hpp"

#include <algorithm>

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {
namespace {

constexpr std::array kEveryBy{AuditBy::platform, AuditBy::agent, AuditBy::conversation,
                              AuditBy::action};

}  // namespace

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

std::uint32_t number_of(const AuditEntry& entry, AuditBy by) {
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

AuditFilters::AuditFilters(const counting::Words& words, const AuditQuery& query)
    : allowed_{named(words, Group::platform, query.platforms), agents(words, query.actors),
               named(words, Group::conversation, query.conversations),
               named(words, Group::action, query.actions)} {}

AuditFilters::Allowed AuditFilters::named(const counting::Words& words, Group group,
                                          const std::vector<std::string>& texts) {
    Allowed allowed;
    allowed.everything = texts.empty();
    for (const std::string& text : texts) {
        // A word that was never mentioned has number 0, which no event has.
        allowed.numbers.insert(words.number(book_of(group), or_unknown(text)));
    }
    return allowed;
}

// A filter names an actor's id; the book has it behind every actor type that it came with.
AuditFilters::Allowed AuditFilters::agents(const counting::Words& words,
                                           const std::vector<std::string>& ids) {
    Allowed allowed;
    allowed.everything = ids.empty();
    if (ids.empty()) return allowed;
    words.each(books::kAgents, [&](std::string_view text, std::uint32_t number) {
        RowBytes parts(text);
        (void)counting::ordered_text(parts);  // the actor type
        const std::string id = counting::ordered_text(parts);
        const auto names = [&](const std::string& wanted) { return or_unknown(wanted) == id; };
        if (std::any_of(ids.begin(), ids.end(), names)) allowed.numbers.insert(number);
        return true;
    });
    return allowed;
}

bool AuditFilters::only(AuditBy by) const {
    return std::all_of(kEveryBy.begin(), kEveryBy.end(), [&](AuditBy one) {
        return one == by || allowed_[static_cast<std::size_t>(one)].everything;
    });
}

bool AuditFilters::allows(AuditBy by, std::uint32_t number) const {
    const Allowed& allowed = allowed_[static_cast<std::size_t>(by)];
    return allowed.everything || allowed.numbers.count(number) != 0;
}

bool AuditFilters::passes(const AuditEntry& entry) const {
    return std::all_of(kEveryBy.begin(), kEveryBy.end(),
                       [&](AuditBy by) { return allows(by, number_of(entry, by)); });
}

}  // namespace decklog::projections::audit
