#include "projections/audit/window_counts.hpp"

#include <algorithm>

#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {

using counting::begin_of;
using counting::Level;

WindowCounts::WindowCounts(const RowReader& rows, const counting::Window& window, Actions actions) {
    const auto whole = [&](const counting::Span& span) {
        const auto sink = [this](counting::Slot slot, std::int64_t count) { add(slot, count); };
        counting::scan_counts(rows, kSnapshotCounts, span, sink);
        if (actions == Actions::all) counting::scan_counts(rows, kOtherCounts, span, sink);
    };
    const auto cut = [&](std::int64_t minute) {
        const std::int64_t begin_us = begin_of(Level::minute, minute);
        counting::Window part = window;
        part.since_us = std::max(part.since_us, begin_us);
        part.until_us = std::min(part.until_us.value_or(counting::kForever),
                                 begin_of(Level::minute, minute + 1));
        each_entry(rows, part, [&](std::int64_t, const AuditEntry& entry) {
            add_entry(entry, actions);
            return true;
        });
        if (const auto states = rows.get(states_key(minute))) {
            CountReader reader(*states);
            while (const auto packed = reader.next()) {
                const StateEntry entry = state_entry(packed->key);
                if (window.holds(begin_us + entry.offset_us)) add(entry.slot, packed->count);
            }
        }
    };
    counting::cover(window, whole, cut);
}

void WindowCounts::add_entry(const AuditEntry& entry, Actions actions) {
    add(slot(Group::action, entry.action), 1);
    if (entry.failure != 0) add(slot(Group::failure, entry.failure), 1);
    if (entry.reason != 0) add(slot(Group::reason, entry.reason), 1);
    if (actions == Actions::critical && !entry.critical) return;
    add(slot(Group::platform, entry.platform), 1);
    add(slot(Group::agent, entry.agent), 1);
    add(slot(Group::conversation, entry.conversation), 1);
}

void each_entry(const RowReader& rows, const counting::Window& window,
                const std::function<bool(std::int64_t, const AuditEntry&)>& sink) {
    const std::string begin = events_key(counting::bucket_of(Level::second, window.since_us));
    const std::string end = events_key(
        window.until_us ? counting::bucket_of(Level::second, *window.until_us) + 1 : kLastBucket);
    rows.scan(begin, end, [&](std::string_view key, std::string_view events) {
        const std::int64_t begin_us = begin_of(Level::second, bucket_of_key(key));
        CountReader reader(events);
        while (const auto packed = reader.next()) {
            const AuditEntry entry = audit_entry(packed->key);
            const std::int64_t time_us = begin_us + entry.offset_us;
            if (window.holds(time_us) && !sink(time_us, entry)) return false;
        }
        return true;
    });
}

}  // namespace decklog::projections::audit
