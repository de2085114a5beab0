#include "api/health.hpp"

#include <algorithm>

#include "api/backup/backups.hpp"
#include "api/erasures/erasures.hpp"
#include "projections/engines.hpp"
#include "store/fork/hold.hpp"
#include "store/kafka/partition.hpp"
#include "store/limits.hpp"

namespace decklog::api {
namespace {

constexpr double kFarBehindSeconds = 60;

/// Zero: the loop has not begun, or it is none of those that turn by themselves.
bool is_stale(std::int64_t last_turn_us, std::int64_t now_us) {
    return last_turn_us != 0 && now_us - last_turn_us > kStallMicros;
}

std::string word_of(store::WriterState state) {
    switch (state) {
        case store::WriterState::ready:
            return "ready";
        case store::WriterState::disk_low:
            return "disk_low";
        case store::WriterState::clock_refused:
            return "clock_refused";
        case store::WriterState::read_only:
            return "read_only";
        case store::WriterState::failed:
            return "failed";
        case store::WriterState::stopping:
            return "stopping";
    }
    return "unknown";
}

Component view_component(const projections::ViewStatus& view, bool has_caught_up) {
    Component component;
    component.name = "view:" + projections::name_of(view);
    component.state = "ready";
    if (!view.readable) {
        component.state = "reopening";
        component.detail = view.trouble;
        component.blocks_queries = true;
    } else if (!view.trouble.empty()) {
        component.state = "retrying";
        component.detail = view.trouble;
    } else if (!view.stopped.empty()) {
        component.state = "stopped";
        component.detail = view.stopped;
        component.blocks_queries = true;
    } else if ((view.folding_anew || !has_caught_up) && view.lag_events > 0) {
        component.state = "catching_up";
        component.blocks_queries = true;
    } else if (view.lag_seconds > kFarBehindSeconds) {
        component.state = "behind";
    } else if (view.parked > 0) {
        component.state = "parked";
        component.detail = std::to_string(view.parked) + " keys";
    }
    component.is_ok = component.state == "ready";
    return component;
}

}  // namespace

bool Health::turns() const {
    return std::none_of(components.begin(), components.end(),
                        [](const Component& c) { return c.needs_restart; });
}

bool Health::is_ok() const {
    return std::all_of(components.begin(), components.end(),
                       [](const Component& c) { return c.is_ok; });
}

bool Health::ready_for_ingest() const {
    return std::none_of(components.begin(), components.end(),
                        [](const Component& c) { return c.blocks_ingest; });
}

bool Health::ready() const {
    return ready_for_ingest() && std::none_of(components.begin(), components.end(),
                                              [](const Component& c) { return c.blocks_queries; });
}

Component HealthReader::writer(std::int64_t now_boot_us) const {
    const store::WriterState state = core_.ledger->state();
    Component component;
    component.name = "ledger";
    component.state = word_of(state);
    component.is_ok = state == store::WriterState::ready;
    component.blocks_ingest = !component.is_ok;
    // After a storage error only a restart lets the writer write again.
    component.needs_restart = state == store::WriterState::failed;
    if (const auto failure = core_.ledger->failure()) {
        if (failure->disk_full) component.state = "disk_full";
        component.detail = failure->text;
    }
    if (const auto moved = core_.hold->moved_at(); moved && component.is_ok) {
        component.state = "moved";
        component.detail = "moved at " + domain::to_cursor(core_.ledger->ledger_id(), *moved) +
                           "; decklog copy --take-back lets it go on here";
        component.is_ok = false;
        component.blocks_ingest = true;
    }
    if (is_stale(core_.ledger->last_turn_boot_us(), now_boot_us)) {
        component.state = "stalled";
        component.is_ok = false;
        component.blocks_ingest = true;
        component.needs_restart = true;
    }
    return component;
}

/// A vault that failed knows everyone it knew; who is new waits for a restart.
Component HealthReader::vault() const {
    Component component;
    component.name = "vault";
    component.state = core_.vault->missing()  ? "missing"
                      : core_.vault->failed() ? "failed"
                                              : "ready";
    component.is_ok = component.state == "ready";
    component.needs_restart = core_.vault->failed();
    component.blocks_ingest = component.needs_restart;
    return component;
}

Component HealthReader::clock() const {
    Component component;
    component.name = "clock";
    component.state = core_.ledger->clock_behind_us() > 0 ? "clock_behind" : "ready";
    component.is_ok = component.state == "ready";
    return component;
}

/// Of a node of a cluster: how far its copy of the log is, as the partition says that is worst off.
Component HealthReader::topic() const {
    std::string stopped, follows;
    std::int64_t behind = 0;
    for (const store::kafka::Partition* partition : core_.partitions) {
        const store::kafka::PartitionFacts facts = partition->facts();
        if (stopped.empty()) stopped = facts.stopped;
        if (follows.empty()) follows = facts.follows;
        behind = std::max(behind, facts.end_offset - facts.next_offset);
    }
    Component component;
    component.name = "topic";
    component.state = "ready";
    if (!stopped.empty()) {
        component.state = "stopped";
        component.detail = std::move(stopped);
        component.blocks_ingest = true;
        component.blocks_queries = true;
    } else if (behind > store::limits::kJoinLagMax) {
        component.state = "catching_up";
        component.detail = std::to_string(behind) + " records behind";
        component.blocks_queries = true;
    } else if (!follows.empty()) {
        component.state = "follows_only";
        component.detail = std::move(follows);
    }
    component.is_ok = component.state == "ready";
    return component;
}

/// Held is no fault of the service: ingest and questions go on. It waits for a person's word.
Component HealthReader::outbound() const {
    Component component;
    component.name = "outbound";
    component.state = "ready";
    if (const auto since = core_.hold->held_since()) {
        component.state = "held";
        component.is_ok = false;
        component.detail = "forked at " + domain::to_cursor(core_.ledger->ledger_id(), *since) +
                           "; decklog adopt lets go";
    }
    return component;
}

Component HealthReader::backup() const {
    const Backups::Status status = core_.backups->status();
    Component component;
    component.name = "backup";
    component.state = "ready";
    if (status.is_overdue) component.state = "overdue";
    if (!status.failure.empty()) component.state = "failed";
    component.detail = status.failure;
    component.is_ok = component.state == "ready";
    return component;
}

/// The keys are gone, but a backup may bring somebody back whom its list does not name.
Component HealthReader::erasures() const {
    const Erasures::Status status = core_.erasures->status();
    Component component;
    component.name = "erasures";
    component.state = status.unfinished == 0 ? "ready" : "unfinished";
    component.is_ok = status.unfinished == 0;
    if (!component.is_ok)
        component.detail = std::to_string(status.unfinished) + " erasures: " + status.problem;
    return component;
}

Component HealthReader::fold_loop(std::int64_t now_boot_us) const {
    Component component;
    component.name = "views";
    component.state = "ready";
    if (is_stale(core_.engines->last_turn_boot_us(), now_boot_us)) {
        component.state = "stalled";
        component.is_ok = false;
        component.blocks_queries = true;
        component.needs_restart = true;
    }
    return component;
}

void HealthReader::views(std::vector<Component>& into) {
    const auto statuses = core_.engines->status();
    const bool is_caught_up = std::all_of(statuses.begin(), statuses.end(), [](const auto& view) {
        return view.lag_events == 0 && view.stopped.empty() && view.readable;
    });
    if (is_caught_up) has_caught_up_ = true;
    for (const auto& view : statuses) into.push_back(view_component(view, has_caught_up_));
}

Health HealthReader::read() {
    const std::int64_t now_boot_us = core_.clock->boot_us();
    Health health;
    const std::int64_t last_turn_us = core_.ledger->last_turn_boot_us();
    health.writer_age_us =
        last_turn_us == 0 ? 0 : std::max<std::int64_t>(0, now_boot_us - last_turn_us);
    health.components.push_back(writer(now_boot_us));
    health.components.push_back(vault());
    health.components.push_back(clock());
    health.components.push_back(fold_loop(now_boot_us));
    if (!core_.partitions.empty()) health.components.push_back(topic());
    if (core_.hold != nullptr) health.components.push_back(outbound());
    if (core_.backups != nullptr && core_.backups->plan()) health.components.push_back(backup());
    if (core_.erasures != nullptr) health.components.push_back(erasures());
    views(health.components);
    if (core_.draining && core_.draining()) {
        Component draining;
        draining.name = "server";
        draining.state = "draining";
        draining.is_ok = false;
        draining.blocks_ingest = true;
        draining.blocks_queries = true;
        health.components.push_back(std::move(draining));
    }
    return health;
}

}  // namespace decklog::api
