// What one batch adds to the rows that keep single moments: audited actions and changes of state by
// minute, errors by hour. Adding is a push; rows are packed once, at the end, from sorted entries.
// One thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "projections/audit/audit_rows.hpp"
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
        std::int64_t bucket;
        Entry entry;
        std::int64_t count;
    };
    template <class Entry, class KeyOf>
    static void write(std::vector<At<Entry>>& all, const KeyOf& key_of, RowWriter& rows);

    std::vector<At<AuditEntry>> actions_;
    std::vector<At<ErrorEntry>> errors_;
    std::vector<At<StateEntry>> changes_;
};

}  // namespace decklog::projections::audit
