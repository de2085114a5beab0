// Prints a folded view, row by row, as `decklog replay` shows it: one JSON document, or one object
// a line. Rows hold positions of what is sealed, never the text, so nothing is opened here. Runs on
// the thread that prints.
#pragma once

#include <cstdint>
#include <memory>

#include <boost/json/object.hpp>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "api/queries/job_source.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

enum class RowsFormat : std::uint8_t { document, lines };

/// A job that prints `folded` and keeps it until then. In lines, the last one is `{view, asOf}`.
[[nodiscard]] std::function<void(const PieceSink&)> print_view(
    const Core& core, const projections::View& view,
    std::shared_ptr<const projections::Replayed> folded, RowsFormat format);

}  // namespace decklog::api
