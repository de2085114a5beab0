#include "domain/workspace/placement.hpp"

#include <utility>

#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<Placement>);

StreamRef stream_of(std::string_view workspace) {
    return {std::string(kDefaultWorkspace), "workspace/" + std::string(workspace)};
}

NewEvent placed(const PlaceWorkspace& command) {
    fb::WorkspacePlacedT payload;
    payload.workspace = command.workspace;
    payload.partition = command.partition;
    StreamRef home = stream_of(command.workspace);
    NewEvent event;
    event.type = EventType::workspace_placed;
    event.workspace = std::move(home.workspace);
    event.stream = std::move(home.stream);
    event.occurred_at_us = command.now_us;
    event.actor = command.actor;
    event.recorded_by = command.recorded_by;
    event.platform = "decklog";
    event.trace_id = command.trace_id;
    event.payload = encode_payload(payload);
    return event;
}

}  // namespace

std::optional<Placed> placed_by(const EventView& event) {
    if (!event.is(EventType::workspace_placed)) return std::nullopt;
    const auto* payload = event.payload_as<fb::WorkspacePlaced>();
    if (payload == nullptr || payload->workspace() == nullptr) return std::nullopt;
    return Placed{payload->workspace()->str(), payload->partition()};
}

Placement::State Placement::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (info == nullptr || event.schema_version() > info->schema_version) {
        state.is_beyond_this_build = true;
    } else if (const auto placed = placed_by(event); placed && !state.partition) {
        state.partition = placed->partition;
    }
    return state;
}

std::vector<StreamRef> Placement::reads(const Command& command) {
    return {stream_of(command.workspace)};
}

Decision<Events> Placement::decide(const Command& command, const State& state) {
    if (!is_workspace(command.workspace) || command.workspace == kDefaultWorkspace) {
        return reject("workspace", "a workspace is 1 to 64 of a-z, 0-9 and -, and not `default`",
                      "workspace", static_cast<std::int64_t>(limits::kWorkspaceBytesMax));
    }
    if (state.is_beyond_this_build)
        return reject("newer_build",
                      "a newer release wrote about this workspace; use that release");
    if (state.partition) return Events{};
    return Events{placed(command)};
}

Intent place_workspace(PlaceWorkspace command) {
    StreamRef home = stream_of(command.workspace);
    return intent<Placement>("place_workspace", std::move(home), std::move(command));
}

}  // namespace decklog::domain
