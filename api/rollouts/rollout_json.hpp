// A rollout as JSON: what it is, where it stands, and the verdict with its explanation. Any thread.
#pragma once

#include <string>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "domain/rollout/rollout.hpp"

namespace decklog::api {

/// `{verdict, reason, …, streams, positions, policyHash, check}` of the last verdict, as an object,
/// explained by the watch that it was reached in; verdict `continue` and reason `no_data` before
/// the first one.
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
