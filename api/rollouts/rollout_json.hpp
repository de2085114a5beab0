// A rollout as JSON: what it is, where it stands, and the verdict with its explanation. Any thread.
#pragma once

#include <string>
#include <vector>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "domain/rollout/rollout.hpp"

namespace decklog::api {

/// `{verdict, reason, …, streams, positions, policyHash, check}` as an object: the last verdict
/// with its explanation, or verdict `continue` and reason `not_judged` until the stage and its
/// weight have one; of a rollout that people ended, what to do with it.
void write_verdict(JsonWriter& out, const Core& core, const std::string& id,
                   const domain::Rollout::State& state);

/// What counts now, in a word: the last verdict, that of a red gate or a missing platform which the
/// log will have next, `continue` with the reason `not_judged`, or what to do with a rollout that
/// people ended.
struct Standing {
    std::string verdict, reason, subject, stage;
    std::string why{};  // what no judge said
};
[[nodiscard]] Standing standing_of(const domain::Rollout::State& state,
                                   const std::vector<domain::gate::MissingPlatform>& missing = {});

/// What a write is answered with besides the rollout as it stands behind it.
struct Written {
    std::string position{};                                // its cursor
    std::vector<domain::gate::MissingPlatform> missing{};  // required platforms, where looked up
};

/// The whole rollout as an object.
void write_rollout(JsonWriter& out, const Core& core, const std::string& id,
                   const domain::Rollout::State& state, const Written& written = {});

/// Which side handles the unit: a pure function of the rollout's salt, its weight and the unit, so
/// that a weight that grows keeps its units.
[[nodiscard]] std::string_view cohort_of(const domain::Rollout::State& state,
                                         std::string_view unit);

}  // namespace decklog::api
