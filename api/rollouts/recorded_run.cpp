#include "api/rollouts/recorded_run.hpp"

#include "api/answers.hpp"
#include "api/rollouts/rollout_state.hpp"
#include "domain/limits.hpp"
#include "domain/time_text.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

template <class Table>
std::optional<RecordedEvent<typename Table::NativeTableType>> of_run(const domain::EventView& event,
                                                                     std::string_view run) {
    const auto* payload = event.payload_as<Table>();
    if (payload == nullptr || payload->run() == nullptr) return std::nullopt;
    if (std::string_view(payload->run()->c_str(), payload->run()->size()) != run)
        return std::nullopt;
    RecordedEvent<typename Table::NativeTableType> found;
    payload->UnPackTo(&found.payload);
    found.actor_id = event.actor_id();
    found.recorded_by = event.recorded_by();
    found.ordinal = event.position().ordinal;
    return found;
}

/// When, by whom, and where the log says so.
template <class Payload>
void write_origin(JsonWriter& out, const Core& core, const RecordedEvent<Payload>& event) {
    out.field("startedAt", domain::to_rfc3339(event.payload.started_at))
        .field("endedAt", domain::to_rfc3339(event.payload.ended_at))
        .field("operator", event.actor_id)
        .field("recordedBy", event.recorded_by)
        .field("position", cursor_of(core, {0, event.ordinal}));
}

void write_command(JsonWriter& out, const Core& core,
                   const RecordedEvent<fb::RolloutCommandRanT>& command) {
    const auto& ran = command.payload;
    out.begin_object().key("number").number(ran.number).key("words").begin_array();
    for (const std::string& word : ran.words) out.text(word);
    out.end_array().key("exitCode").number(ran.exit_code);
    out.field("output", ran.output).key("cut").boolean(ran.is_cut);
    write_origin(out, core, command);
    out.end_object();
}

void write_drill(JsonWriter& out, const Core& core,
                 const RecordedEvent<fb::DrillRecordedT>& recorded) {
    const auto& drill = recorded.payload;
    out.key("drill").begin_object();
    out.field("kind", drill.kind).field("environment", drill.environment).field("sha", drill.sha);
    out.key("passed").boolean(drill.passed);
    out.field_if_any("followUpOwner", drill.follow_up_owner)
        .field_if_any("history", drill.history)
        .field_if_any("revision", drill.revision);
    // Whoever wrote the event, what is no JSON does not become a part of it.
    const bool is_json =
        store::canonical_json(drill.snapshot, domain::limits::kJsonDepthMax).has_value();
    if (is_json) out.key("snapshot").raw(drill.snapshot);
    write_origin(out, core, recorded);
    out.end_object();
}

}  // namespace

domain::Result<RecordedRun> load_run(const store::LogReader& log, std::string_view id,
                                     std::string_view run) {
    RecordedRun found;
    const auto read = for_each_rollout_event(
        log, id, std::nullopt, [&found, run](const domain::EventView& event) {
            found.rollout = domain::Rollout::evolve(std::move(found.rollout), event);
            if (event.is(domain::EventType::rollout_command_ran)) {
                if (auto command = of_run<fb::RolloutCommandRan>(event, run))
                    found.commands.push_back(*std::move(command));
            } else if (event.is(domain::EventType::drill_recorded)) {
                if (auto drill = of_run<fb::DrillRecorded>(event, run))
                    found.drill = std::move(drill);
            }
        });
    if (!read) return tl::unexpected(read.error());
    return found;
}

void write_run(JsonWriter& out, const Core& core, const std::string& id, const RecordedRun& run) {
    const auto& first = run.commands.front().payload;
    out.begin_object()
        .field("rollout", id)
        .field("service", run.rollout.service)
        .field("release", run.rollout.release)
        .field("run", first.run)
        .field("verdict", first.verdict);
    out.key("commands").begin_array();
    for (const auto& command : run.commands) write_command(out, core, command);
    out.end_array();
    if (run.drill) write_drill(out, core, *run.drill);
    out.end_object();
}

}  // namespace decklog::api
