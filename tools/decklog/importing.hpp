// The two ways of `decklog import`: a full export becomes a ledger, other lines come into one.
#pragma once

#include <optional>
#include <string>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/line_reader.hpp"

namespace decklog::cli {

/// A file that was begun: what was read of it to find out what it is, and the rest.
struct BegunFile {
    LineReader lines;
    store::LineGroup first;  // at most two lines
    bool is_full = false;    // the first one says that a full export follows
};

/// Does the data directory hold a ledger, or one that an import was filling? FORMAT says so.
[[nodiscard]] bool has_ledger(const std::string& data);

/// Brings a full export into a directory that is new, empty, or was left half filled, or compares
/// it with the ledger that it made before. False: a ledger of another history is there, and nothing
/// was done. What went wrong is printed and the exit code set.
[[nodiscard]] bool import_ledger(Session& session, BegunFile& file);

/// Sends the lines as outside events to whoever answers for the ledger.
void import_lines(Session& session, Backend& backend, BegunFile& file);

}  // namespace decklog::cli
