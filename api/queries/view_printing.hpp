// Prints a folded view, row by row, as `decklog replay` shows it: one JSON document, or one object
// a line. Sealed parts stand in rows as `{"sealed": base64}` under a key that ends in `Sealed`;
// here they are opened for those who may and the key loses its ending. Runs on the thread that
// prints.
#pragma once

#include <cstdint>
#include <memory>

#include <boost/json/object.hpp>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "api/queries/job_source.hpp"
#include "api/sealed_part.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

/// One row as a view prints it.
void write_row(JsonWriter& json, const boost::json::object& row, const Opener& opener);

enum class RowsFormat : std::uint8_t { document, lines };

/// A job that prints `folded` and keeps it until then. In lines, the last one is `{view, asOf}`.
[[nodiscard]] std::function<void(const PieceSink&)> print_view(
    const Core& core, const projections::View& view,
    std::shared_ptr<const projections::Replayed> folded, Opener opener, RowsFormat format);

}  // namespace decklog::api
