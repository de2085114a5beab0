// The filters of an audit query as sets of word numbers, so that an event is judged without reading
// a text. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "projections/audit/audit_query.hpp"
#include "projections/audit/audit_rows.hpp"
#include "projections/counting/words.hpp"

namespace decklog::projections::audit {

[[nodiscard]] Group group_of(AuditBy by);
[[nodiscard]] std::uint32_t number_of(const AuditEntry& entry, AuditBy by);

class AuditFilters {
  public:
    AuditFilters(const counting::Words& words, const AuditQuery& query);

    /// Nothing but the counted dimension is filtered. The pyramid knows each dimension alone, so
    /// then it can answer.
    [[nodiscard]] bool only(AuditBy by) const;
    [[nodiscard]] bool allows(AuditBy by, std::uint32_t number) const;
    [[nodiscard]] bool passes(const AuditEntry& entry) const;

  private:
    struct Allowed {
        bool everything = true;
        std::unordered_set<std::uint32_t> numbers;
    };
    static Allowed named(const counting::Words& words, Group group,
                         const std::vector<std::string>& texts);
    static Allowed agents(const counting::Words& words, const std::vector<std::string>& ids);

    std::array<Allowed, 4> allowed_;  // by AuditBy
};

}  // namespace decklog::projections::audit
