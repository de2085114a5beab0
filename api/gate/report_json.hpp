// A verdict's explanation as JSON: what a check answers, and what `decklog gate` prints with --json
// (docs/gate.md). Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/json_writer.hpp"
#include "domain/gate/explain.hpp"

namespace decklog::api {

/// As short as it gives the number back. `value` is finite.
[[nodiscard]] std::string json_number(double value);

/// The cursor of a position in the log that a report names.
using CursorOf = std::function<std::string(std::uint64_t ordinal)>;

/// The members of a report, into the object that is open.
void write_report(JsonWriter& out, const domain::gate::Report& report, const CursorOf& cursor_of);

/// `interval: {low, high}`, high null where there is no bound.
void write_interval(JsonWriter& out, const domain::gate::RatioInterval& interval);

}  // namespace decklog::api
