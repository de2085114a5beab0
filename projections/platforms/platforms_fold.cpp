#include "projections/platforms/platforms_fold.hpp"

#include <algorithm>
#include <array>

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::platforms {
namespace {

using domain::EventType;
using domain::EventView;
using domain::Family;

constexpr std::size_t kKnownMax = 4096;  // between batches: platforms have any name

/// The errors of the facts' platform health.
constexpr std::array<std::string_view, 5> kErrorActions{"platform_dispatch_error", "ai_reply_error",
                                                        "api_error", "inbox_draft_error",
                                                        "inbox_message_error"};

bool is_error(const EventView& event) {
    return event.is(EventType::audit_action_recorded) &&
           std::find(kErrorActions.begin(), kErrorActions.end(), event.action()) !=
               kErrorActions.end();
}

std::string_view text(const flatbuffers::String* field) {
    return field == nullptr ? std::string_view{} : std::string_view{field->c_str(), field->size()};
}

Parked poison(const EventView& event) {
    return {std::string(event.stream()), event.type_name() + ": the payload does not verify"};
}

bool checks(const EventView& event) {
    return event.is(EventType::platform_account_created)
               ? event.payload_as<fb::PlatformAccountCreated>() != nullptr
               : event.payload_as<fb::PlatformPolicyUpdated>() != nullptr;
}

std::string keyed(char tag, std::string_view rest) { return std::string(1, tag).append(rest); }

}  // namespace

bool is_activity(const EventView& event) {
    if (event.platform().empty()) return false;
    const Family family = domain::family_of(event.type());
    return family == Family::chat || family == Family::audit || family == Family::record ||
           family == Family::external;
}

std::optional<Parked> PlatformsFold::apply(const EventView& event) {
    if (event.is(EventType::worker_reported)) return note_worker(event);
    if (event.is(EventType::platform_account_created) ||
        event.is(EventType::platform_policy_updated)) {
        return note_account(event);
    }
    return is_activity(event) ? note_activity(event) : std::nullopt;
}

std::optional<Parked> PlatformsFold::note_activity(const EventView& event) {
    Known& known = known_of(event);
    const std::int64_t at_us = event.occurred_at_us();
    if (at_us > known.activity.any_us) {
        known.activity.any_us = at_us;
        known.activity.any_ordinal = event.position().ordinal;
        known.changed = true;
    }
    if (event.is(EventType::message_received) && at_us > known.activity.ingest_us) {
        known.activity.ingest_us = at_us;
        known.changed = true;
    }
    if (is_error(event)) {
        known.activity.error_us = std::max(known.activity.error_us, at_us);
        ++known.errors[minute_of(at_us)];
        known.changed = true;
    }
    return event.is(EventType::message_recorded) ? note_record(known, event) : std::nullopt;
}

/// A record without a time of its own is as old as the change that it reports.
std::optional<Parked> PlatformsFold::note_record(Known& known, const EventView& event) {
    const auto* message = event.payload_as<fb::MessageRecorded>();
    if (message == nullptr) return poison(event);
    const std::int64_t at_us =
        message->sent_at() != 0 ? message->sent_at() : event.occurred_at_us();
    const std::string_view direction = text(message->direction());
    const std::string_view status = text(message->review_status());
    const bool is_sent = direction == "outbound" && (status.empty() || status == "sent");
    std::int64_t* last = direction == "inbound" ? &known.activity.ingest_us
                         : is_sent              ? &known.activity.send_us
                                                : nullptr;
    if (last != nullptr && at_us > *last) {
        *last = at_us;
        known.changed = true;
    }
    return std::nullopt;
}

std::optional<Parked> PlatformsFold::note_account(const EventView& event) {
    if (!checks(event)) return poison(event);
    const std::string_view stream = event.stream();
    const std::string id(stream.substr(std::min(stream.find('/') + 1, stream.size())));
    auto found = accounts_.find(id);
    bool is_new = false;
    if (found == accounts_.end()) {
        const auto row = rows_.get(keyed(kAccount, id));
        is_new = !row;
        found = accounts_.emplace(id, row ? account_in(*row) : AccountRow{}).first;
    }
    AccountRow& account = found->second;
    const bool was_active = account.state.policy.is_active;
    account.state = domain::PlatformAccount::evolve(std::move(account.state), event);
    if (is_new || account.state.policy.is_active != was_active)
        account.switched_ordinal = event.position().ordinal;
    return std::nullopt;
}

/// The newest by log order: a worker's clock may be off.
std::optional<Parked> PlatformsFold::note_worker(const EventView& event) {
    auto report = domain::worker_report_in(event);
    if (!report) return poison(event);
    std::string name = report->worker;
    workers_[std::move(name)] = {*std::move(report), event.occurred_at_us(),
                                 event.position().ordinal};
    return std::nullopt;
}

PlatformsFold::Known& PlatformsFold::known_of(const EventView& event) {
    place_.clear();
    counting::put_ordered(place_, event.platform());
    counting::put_ordered(place_, event.account());
    const auto found = known_.find(std::string_view(place_));
    if (found != known_.end()) return found->second;
    const auto row = rows_.get(keyed(kActivity, place_));
    return known_.emplace(place_, Known{row ? activity_in(*row) : Activity{}}).first->second;
}

void PlatformsFold::finish(RowWriter& rows) {
    for (auto& [place, known] : known_) {
        if (!known.changed) continue;
        rows.put(keyed(kActivity, place), to_bytes(known.activity));
        for (const auto& [minute, count] : known.errors) {
            const std::string key = errors_key(place, minute);
            const auto row = rows_.get(key);
            rows.put(key, count_bytes(count + (row ? count_in(*row) : 0)));
        }
        known.errors.clear();
        known.changed = false;
    }
    for (const auto& [id, account] : accounts_) rows.put(keyed(kAccount, id), to_bytes(account));
    for (const auto& [name, worker] : workers_) rows.put(keyed(kWorker, name), to_bytes(worker));
    accounts_.clear();
    workers_.clear();
    if (known_.size() > kKnownMax) known_.clear();
}

}  // namespace decklog::projections::platforms
