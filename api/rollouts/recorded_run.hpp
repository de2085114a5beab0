// A run of commands as the events of its rollout tell it, nothing else. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

template <class Payload>
struct RecordedEvent {
    Payload payload;
    std::string actor_id, recorded_by;
    std::uint64_t ordinal = 0;
};

struct RecordedRun {
    domain::Rollout::State rollout{};
    std::vector<RecordedEvent<fb::RolloutCommandRanT>> commands{};  // in order, 8 MiB at most
    std::optional<RecordedEvent<fb::DrillRecordedT>> drill{};
};

/// Errors: corrupt, io. A run of which nothing was recorded has no commands.
[[nodiscard]] domain::Result<RecordedRun> load_run(const store::LogReader& log, std::string_view id,
                                                   std::string_view run);

/// `{rollout, service, release, run, verdict, commands, drill?}`.
void write_run(JsonWriter& out, const Core& core, const std::string& id, const RecordedRun& run);

}  // namespace decklog::api
