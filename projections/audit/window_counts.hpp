// The sums of one window: whole days, hours and minutes from the pyramid, the one or two minutes
// that the window cuts from their packed events. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "projections/audit/audit_rows.hpp"
#include "projections/counting/paged_counts.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

using counting::PagedCounts;

/// Which actions count by platform, agent and conversation; every other group is the same for both.
enum class Actions : std::uint8_t { critical, all };

class WindowCounts {
  public:
    WindowCounts(const RowReader& rows, const counting::Window& window, Actions actions);

    [[nodiscard]] const PagedCounts& of(Group group) const {
        return groups_[static_cast<std::size_t>(group)];
    }
    [[nodiscard]] std::int64_t count(Group group, std::uint32_t number) const {
        return of(group).of(number);
    }

  private:
    void add(counting::Slot slot, std::int64_t count) {
        if (slot.group < groups_.size()) groups_[slot.group].add(slot.number, count);
    }
    void add_entry(const AuditEntry& entry, Actions actions);

    std::array<PagedCounts, kGroups> groups_;
};

/// Every audited action of the window, one by one, by time, then position, until the sink returns
/// false.
void each_entry(const RowReader& rows, const counting::Window& window,
                const std::function<bool(std::int64_t time_us, const AuditEntry&)>& sink);

}  // namespace decklog::projections::audit
