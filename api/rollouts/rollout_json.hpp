// A rollout as JSON: what it is, where it stands, and the verdict with its explanation. Any thread.
#pragma once

#include <string>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "domain/rollout/rollout.hpp"

namespace decklog::api {

/// `{verdict, reason, …, streams, positions, policyHash, check}` as an object: the last verdict
/// with its explanation, or verdict `continue` and reason `not_judged` until the stage and its
/// weight have one; of a rollout that people ended, what to do with it.
void write_verdict(JsonWriter& out, const Core& core, const std::string& id,
                   const domain::Rollout::State& state);

/// The whole rollout as an object, with the cursor of the write that is answered, if it is one.
void write_rollout(JsonWriter& out, const Core& core, const std::string& id,
                   const domain::Rollout::State& state, std::string_view position = {});

/// Which side handles the unit: a pure function of the rollout's salt, its weight and the unit, so
/// that a weight that grows keeps its units.
[[nodiscard]] std::string_view cohort_of(const domain::Rollout::State& state,
                                         std::string_view unit);

}  // namespace decklog::api
