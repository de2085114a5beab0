// The log as NDJSON: a first line that says what follows, one event a line in the JSON of every
// other answer, and a last line that says it is whole. These two have a member `export` and no
// `eventId`. Without filters the export is full: the first event of each commit then carries
// `frame`, the commit's bytes in base64, so that nothing is serialised again on the way back.
// A ledger of several partitions comes partition after partition; its full export is of format 2,
// whose first line lists them. Always the log up to the heads at the start, however long it takes.
// Nothing of the vault goes out; sealed parts only when asked for, and then PersonalDataRead is in
// the log before.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "api/app.hpp"
#include "api/personal_data/reading.hpp"
#include "api/queries/job_source.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

struct ExportOrder {
    std::vector<store::EventFilter> filters;  // by partition, as read_event_filters gives them
    bool opens_sealed = false;
    PersonalReader reader;
};

/// The work of one export. When it fails on the way, its last line says so: `{"export":"failed",
/// "error", "message"}`. `core` outlives it.
[[nodiscard]] std::function<void(const PieceSink&)> export_log(const Core& core, ExportOrder order);

}  // namespace decklog::api
