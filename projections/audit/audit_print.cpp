#include "projections/audit/audit_print.hpp"

#include <string>
#include <unordered_map>

#include "domain/time_text.hpp"
#include "projections/audit/audit_rows.hpp"
#include "projections/audit/record_states.hpp"
#include "projections/counting/ordered_bytes.hpp"
#include "projections/packed_counts.hpp"

namespace decklog::projections::audit {
namespace {

using boost::json::object;
using counting::begin_of;
using counting::Level;
using counting::Slot;

const char* name_of(Group group) {
    switch (group) {
        case Group::action:
            return "action";
        case Group::platform:
            return "platform";
        case Group::agent:
            return "agent";
        case Group::conversation:
            return "conversation";
        case Group::failure:
            return "failure";
        case Group::reason:
            return "escalation_reason";
        case Group::message:
            return "message";
        case Group::booking_status:
            return "booking_status";
        case Group::booking_platform:
            return "booking_platform";
    }
    return "other";
}

const char* name_of(Level level) {
    switch (level) {
        case Level::day:
            return "day";
        case Level::hour:
            return "hour";
        case Level::minute:
            return "minute";
    }
    return "other";
}

std::string message_text(std::uint32_t number) {
    for (const Direction direction : {Direction::inbound, Direction::outbound}) {
        const char* way = direction == Direction::inbound ? "inbound" : "outbound";
        if (number == message_slot(direction, Review::fresh)) return std::string(way) + "/new";
        if (number == message_slot(direction, Review::draft)) return std::string(way) + "/draft";
        if (number == message_slot(direction, Review::sent)) return std::string(way) + "/sent";
        if (number == message_slot(direction, Review::hold)) return std::string(way) + "/hold";
        if (number == message_slot(direction, Review::other)) return std::string(way) + "/other";
    }
    return "uncounted";
}

/// Words resolved for printing; texts of several parts joined by slashes.
class Resolver {
  public:
    explicit Resolver(const RowReader& rows) : words_(rows) {}

    std::string text(Slot slot) {
        const auto group = static_cast<Group>(slot.group);
        if (group == Group::message) return message_text(slot.number);
        return text(group, slot.number);
    }
    std::string text(Group group, std::uint32_t number) {
        if (number == 0) return {};
        const std::uint64_t key = (std::uint64_t{book_of(group)} << 32U) | number;
        const auto [entry, is_new] = texts_.try_emplace(key);
        if (is_new) entry->second = resolve(group, number);
        return entry->second;
    }

  private:
    std::string resolve(Group group, std::uint32_t number) const {
        const std::string text = words_.text(book_of(group), number);
        if (group != Group::agent && group != Group::failure) return text;
        std::string joined;
        for (RowBytes parts(text); !parts.at_end();) {
            if (!joined.empty()) joined.push_back('/');
            joined.append(counting::ordered_text(parts));
        }
        return joined;
    }

    counting::Words words_;
    std::unordered_map<std::uint64_t, std::string> texts_;
};

class Printer {
  public:
    Printer(const RowReader& rows, const std::function<bool(object)>& sink)
        : rows_(rows), sink_(sink), resolver_(rows) {}

    void print() {
        rows_.scan({}, {}, [this](std::string_view key, std::string_view value) {
            return key.empty() || row(key, value);
        });
    }

  private:
    bool row(std::string_view key, std::string_view value) {
        switch (key.front()) {
            case kSnapshotCounts:
                return counts(key, value, true);
            case kOtherCounts:
                return counts(key, value, false);
            case kEvents:
                return events(key, value);
            case kErrors:
                return errors(key, value);
            case kStates:
                return states(key, value);
            case kMessageTotals:
                return totals(value);
            case kMessageState:
                return message(key, value);
            case kAppointmentState:
                return appointment(key, value);
            default:
                return true;  // words: resolved where they are used
        }
    }

    template <class Each>
    static bool each(std::string_view packed, const Each& each_entry) {
        CountReader reader(packed);
        while (const auto entry = reader.next()) {
            if (!each_entry(entry->key, entry->count)) return false;
        }
        return true;
    }

    // Platform, agent and conversation are counted apart for critical actions (row c) and others
    // (row d).
    bool counts(std::string_view key, std::string_view value, bool snapshot) {
        const counting::Bucket bucket = counting::bucket_in(key);
        const std::string from = domain::to_rfc3339(begin_of(bucket.level, bucket.number));
        return each(value, [&](std::string_view packed, std::int64_t count) {
            const Slot slot = counting::slot_in(packed);
            object line{{"row", name_of(bucket.level)}, {"from", from}};
            line["by"] = name_of(static_cast<Group>(slot.group));
            line["key"] = resolver_.text(slot);
            if (is_split(static_cast<Group>(slot.group))) line["critical"] = snapshot;
            line["count"] = count;
            return sink_(std::move(line));
        });
    }
    static bool is_split(Group group) {
        return group == Group::platform || group == Group::agent || group == Group::conversation;
    }

    bool events(std::string_view key, std::string_view value) {
        const std::int64_t begin_us = begin_of(Level::minute, bucket_of_key(key));
        return each(value, [&](std::string_view packed, std::int64_t) {
            const AuditEntry entry = audit_entry(packed);
            object line{{"row", "event"},
                        {"occurredAt", domain::to_rfc3339(begin_us + entry.offset_us)}};
            line["position"] = position(entry.ordinal);
            line["action"] = resolver_.text(Group::action, entry.action);
            line["platform"] = resolver_.text(Group::platform, entry.platform);
            line["agent"] = resolver_.text(Group::agent, entry.agent);
            line["conversation"] = resolver_.text(Group::conversation, entry.conversation);
            if (entry.failure != 0) line["failure"] = resolver_.text(Group::failure, entry.failure);
            if (entry.reason != 0)
                line["escalationReason"] = resolver_.text(Group::reason, entry.reason);
            return sink_(std::move(line));
        });
    }

    bool errors(std::string_view key, std::string_view value) {
        const std::int64_t begin_us = begin_of(Level::hour, bucket_of_key(key));
        return each(value, [&](std::string_view packed, std::int64_t) {
            const ErrorEntry entry = error_entry(packed);
            return sink_({{"row", "error"},
                          {"occurredAt", domain::to_rfc3339(begin_us + entry.offset_us)},
                          {"position", position(entry.ordinal)}});
        });
    }

    bool states(std::string_view key, std::string_view value) {
        const std::int64_t begin_us = begin_of(Level::minute, bucket_of_key(key));
        return each(value, [&](std::string_view packed, std::int64_t count) {
            const StateEntry entry = state_entry(packed);
            return sink_({{"row", "at"},
                          {"at", domain::to_rfc3339(begin_us + entry.offset_us)},
                          {"by", name_of(static_cast<Group>(entry.slot.group))},
                          {"key", resolver_.text(entry.slot)},
                          {"count", count}});
        });
    }

    bool totals(std::string_view value) {
        return each(value, [&](std::string_view packed, std::int64_t count) {
            return sink_({{"row", "total"},
                          {"by", "message"},
                          {"key", resolver_.text(counting::slot_in(packed))},
                          {"count", count}});
        });
    }

    object record(const char* kind, std::string_view key, const RecordState& state) const {
        RowBytes bytes(key);
        bytes.byte();  // the tag
        object line{{"row", kind}};
        line["workspace"] = counting::ordered_text(bytes);
        line["id"] = counting::ordered_text(bytes);
        line["changedAt"] = domain::to_rfc3339(state.changed_at_us);
        line["position"] = position(state.ordinal);
        return line;
    }

    bool message(std::string_view key, std::string_view value) {
        const RecordState state = record_state(value);
        object line = record("message", key, state);
        line["sentAt"] = domain::to_rfc3339(state.counted_at_us);
        line["state"] = message_text(state.first);
        return sink_(std::move(line));
    }

    bool appointment(std::string_view key, std::string_view value) {
        const RecordState state = record_state(value);
        object line = record("appointment", key, state);
        line["createdAt"] = domain::to_rfc3339(state.counted_at_us);
        line["status"] = resolver_.text(Group::booking_status, state.first);
        line["platform"] = resolver_.text(Group::booking_platform, state.second);
        return sink_(std::move(line));
    }

    static std::string position(std::uint64_t ordinal) { return "0:" + std::to_string(ordinal); }

    const RowReader& rows_;
    const std::function<bool(object)>& sink_;
    Resolver resolver_;
};

}  // namespace

void print(const RowReader& rows, const std::function<bool(object)>& sink) {
    Printer(rows, sink).print();
}

}  // namespace decklog::projections::audit
