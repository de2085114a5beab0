#include "domain/ledger/level.hpp"

#include <algorithm>
#include <utility>

#include "domain/payload.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<LogLevel>);

constexpr const char* kWorkspace = "default";

NewEvent raised(const RaiseLevel& command, std::uint32_t from_level) {
    NewEvent event;
    event.type = EventType::level_raised;
    event.workspace = kWorkspace;
    event.stream = command.stream;
    event.occurred_at_us = command.now_us;
    event.actor = command.actor;
    event.recorded_by = command.recorded_by;
    event.platform = "decklog";
    event.trace_id = command.trace_id;
    fb::LevelRaisedT payload;
    payload.level = command.level;
    payload.from_level = from_level;
    event.payload = encode_payload(payload);
    return event;
}

}  // namespace

std::uint32_t level_said_by(const EventView& event) {
    if (event.is(EventType::ledger_created)) {
        const auto* created = event.payload_as<fb::LedgerCreated>();
        return created == nullptr ? 0 : created->level();
    }
    if (event.is(EventType::level_raised)) {
        const auto* level = event.payload_as<fb::LevelRaised>();
        return level == nullptr ? 0 : level->level();
    }
    return 0;
}

LogLevel::State LogLevel::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (info == nullptr || event.schema_version() > info->schema_version) {
        state.is_beyond_this_build = true;
    } else {
        state.level = std::max(state.level, level_said_by(event));
    }
    return state;
}

std::vector<StreamRef> LogLevel::reads(const Command& command) {
    return {StreamRef{kWorkspace, command.stream}};
}

Decision<Events> LogLevel::decide(const Command& command, const State& state) {
    if (state.is_beyond_this_build) {
        return reject("newer_build", "a newer release wrote to this ledger; use that release");
    }
    if (command.level > command.known_level) {
        return reject("level_unknown",
                      "this release knows levels up to " + std::to_string(command.known_level) +
                          "; run a newer one on every node first",
                      "level", command.known_level);
    }
    if (command.level < state.level) {
        return reject(
            "level_not_lowered",
            "the log is at level " + std::to_string(state.level) + ", and a level never goes down",
            "level", state.level);
    }
    if (command.level == state.level) return Events{};
    return Events{raised(command, state.level)};
}

Intent raise_level(RaiseLevel command) {
    StreamRef home{kWorkspace, command.stream};
    return intent<LogLevel>("raise_level", std::move(home), std::move(command));
}

}  // namespace decklog::domain
