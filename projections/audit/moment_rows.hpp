// What one batch adds to the rows that keep single moments: audited actions by second, changes of
// state by minute, errors by hour. Adding is a push; rows are packed once, at the end, from sorted
// entries. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "projections/audit/audit_rows.hpp"
#include "projections/counting/pyramid.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

class MomentRows {
  public:
    /// The entry's offset follows from the time.
    void add_action(std::int64_t time_us, AuditEntry entry);
    void add_error(std::int64_t time_us, std::uint64_t ordinal);
    void add_change(std::int64_t time_us, counting::Slot slot, std::int64_t count);
    void finish(RowWriter& rows);

  private:
    template <class Entry>
    struct At {
        std::int64_t time_us;
        Entry entry;
        std::int64_t count;
    };
    template <class Entry>
    using Moments = std::vector<At<Entry>>;
    template <class Entry, class KeyOf>
    void write(const Moments<Entry>& sorted, counting::Level level, const KeyOf& key_of,
               RowWriter& rows);

    Moments<AuditEntry> actions_, action_scratch_;
    Moments<ErrorEntry> errors_, error_scratch_;
    Moments<StateEntry> changes_, change_scratch_;
    std::string packed_, bytes_;  // scratch
};

}  // namespace decklog::projections::audit
