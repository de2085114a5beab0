// A range of the log, event by event, for whoever judges it again: another thread reads ahead and
// checks the frames meanwhile.
#pragma once

#include <cstdint>
#include <functional>

#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

/// Calls `sink` on the caller's thread with every event of partition 0 from ordinal `from` to `to`,
/// both included, and `progress` (if any) now and then with (events so far, of how many); false
/// ends it. How many events there were. Errors: stopped, corrupt, io.
[[nodiscard]] domain::Result<std::uint64_t> read_range(
    const store::LogReader& log, std::uint64_t from, std::uint64_t to,
    const std::function<bool(std::uint64_t, std::uint64_t)>& progress,
    const std::function<void(const domain::EventView&)>& sink);

}  // namespace decklog::api
