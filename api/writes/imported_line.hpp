// One line of a file that is imported into a ledger with a history of its own: it comes in as an
// outside event, under the rules of the door that its like comes through. A CloudEvent goes as
// POST /api/events takes it. An event in our own JSON is turned back into what it was made from, if
// services send its like: a CloudEvent with its own id and source, a record, an audit action (under
// its own id, else under one made of the event id). What only decklog writes is refused, and so is
// what the export left sealed. An event that this ledger holds already is a repeat. Any thread.
#pragma once

#include <string_view>

#include "api/writes/write.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

/// Rejections besides those of the doors: not_an_event, sealed_data and erased_data (field), and
/// reserved_type for what only decklog writes.
[[nodiscard]] CheckedWrite imported_line(std::string_view text, const WriteContext& context,
                                         const store::LogReader& log);

}  // namespace decklog::api
