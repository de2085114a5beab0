// Prints a folded view, row by row, as `decklog replay` shows it: one JSON document, or one object
// a line. Rows hold positions of what is sealed, never the text, so nothing is opened here. Runs on
// the thread that prints.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "api/queries/job_source.hpp"
#include "projections/engine.hpp"

namespace decklog::api {

enum class RowsFormat : std::uint8_t { document, lines };

/// A view of one partition.
struct FoldedView {
    const projections::View* logic = nullptr;
    projections::Replayed folded;
};

/// Prints what was folded, by partition; of several, each row says which. In lines, the last one is
/// `{view, asOf}`.
void print_view(const Core& core, std::string_view view, const std::vector<FoldedView>& partitions,
                RowsFormat format, const PieceSink& sink);

}  // namespace decklog::api
