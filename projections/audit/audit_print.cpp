#include "projections/audit/audit_print.hpp"

#include <string>

#include "domain/time_text.hpp"
#include "projections/audit/audit_rows.hpp"
#include "projections/audit/printed_words.hpp"
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

class Printer {
  public:
    Printer(const RowReader& rows, std::uint32_t partition, const std::function<bool(object)>& sink)
        : rows_(rows), partition_(partition), sink_(sink), words_(rows) {}

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
            object line{{"row", counting::to_text(bucket.level)}, {"from", from}};
            line["by"] = name_of(static_cast<Group>(slot.group));
            line["key"] = words_.text(slot);
            if (is_split(static_cast<Group>(slot.group))) line["critical"] = snapshot;
            line["count"] = count;
            return sink_(std::move(line));
        });
    }
    static bool is_split(Group group) {
        return group == Group::platform || group == Group::agent || group == Group::conversation;
    }

    bool events(std::string_view key, std::string_view value) {
        const std::int64_t begin_us = begin_of(Level::second, bucket_of_key(key));
        return each(value, [&](std::string_view packed, std::int64_t) {
            const AuditEntry entry = audit_entry(packed);
            object line{{"row", "event"},
                        {"occurredAt", domain::to_rfc3339(begin_us + entry.offset_us)}};
            line["position"] = position(entry.ordinal);
            line["action"] = words_.text(Group::action, entry.action);
            line["platform"] = words_.text(Group::platform, entry.platform);
            line["agent"] = words_.text(Group::agent, entry.agent);
            line["conversation"] = words_.text(Group::conversation, entry.conversation);
            if (entry.failure != 0) line["failure"] = words_.text(Group::failure, entry.failure);
            if (entry.reason != 0)
                line["escalationReason"] = words_.text(Group::reason, entry.reason);
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
                          {"key", words_.text(entry.slot)},
                          {"count", count}});
        });
    }

    bool totals(std::string_view value) {
        return each(value, [&](std::string_view packed, std::int64_t count) {
            return sink_({{"row", "total"},
                          {"by", "message"},
                          {"key", words_.text(counting::slot_in(packed))},
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
        line["status"] = words_.text(Group::booking_status, state.first);
        line["platform"] = words_.text(Group::booking_platform, state.second);
        return sink_(std::move(line));
    }

    [[nodiscard]] std::string position(std::uint64_t ordinal) const {
        return std::to_string(partition_) + ':' + std::to_string(ordinal);
    }

    const RowReader& rows_;
    const std::uint32_t partition_;
    const std::function<bool(object)>& sink_;
    PrintedWords words_;
};

}  // namespace

void print(const RowReader& rows, std::uint32_t partition,
           const std::function<bool(object)>& sink) {
    Printer(rows, partition, sink).print();
}

}  // namespace decklog::projections::audit
