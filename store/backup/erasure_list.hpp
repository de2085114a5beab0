// The list `erasures` beside the backups: who was erased since the oldest of them was made. A
// backup keeps what was sealed and, with its vault, the keys; so whoever restores one must erase
// again, and cannot know whom from the backup. `backup` creates the list, `erase` appends to it in
// every place that the data directory remembers, `restore` applies it and does not do without.
//
// One line of JSON an erasure: {"subject": "p_…", "at": RFC 3339, "reason": text, "sum": 16 hex
// digits}. The sum is the beginning of the BLAKE2b-256 of the line's bytes before `,"sum"`, so that
// a damaged line is refused and not taken for somebody else's. A last line that is whole counts
// without its line break; one that is cut off is refused by whoever reads, and given up by whoever
// appends: what a crash cut off was never reported as done. How many lines there are stands in the
// file `erasures.head` beside it, written after them: a list that has fewer has lost some, and is
// refused. Any process; appends lock the list.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::store {

struct ListedErasure {
    domain::SubjectId subject;
    std::int64_t at_us = 0;
    std::string reason;
};

/// `place` is the directory that the backups stand in.
[[nodiscard]] std::filesystem::path erasure_list_in(const std::filesystem::path& place);

/// Creates it empty, private and durable, when absent.
[[nodiscard]] domain::Result<void> create_erasure_list(const std::filesystem::path& list);

/// Durable on return; subjects that are listed already are not listed again. Errors: not_found (the
/// place or its list is not there: perhaps not mounted), io, corrupt naming the line, or that lines
/// are lost.
[[nodiscard]] domain::Result<void> append_erasures(const std::filesystem::path& list,
                                                   std::span<const ListedErasure> erasures);

/// In the order they were listed. A list without its head is taken as it is: it may be a copy.
/// Errors: not_found; corrupt, naming the line and, when it was cut off or lines are lost, what to
/// do.
[[nodiscard]] domain::Result<std::vector<ListedErasure>> read_erasures(
    const std::filesystem::path& list);

}  // namespace decklog::store
