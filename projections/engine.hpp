// Keeps the live views: reads durable frames in order (from memory when live, from disk when
// behind), folds them in batches, writes rows, position and chain head in one unsynced batch of
// `views/`. After a crash it goes on from the stored position; a stored chain head that the ledger
// does not have, another build or another fingerprint means a rebuild.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/result.hpp"
#include "projections/limits.hpp"
#include "projections/rows.hpp"
#include "projections/view.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"

namespace decklog::projections {

/// The state a query answers from. Positions: everything before `next` is folded in.
struct ViewSnapshot {
    std::shared_ptr<const RowReader> rows;  // a consistent snapshot, valid while held
    std::uint64_t next_ordinal = 0;
    std::vector<Parked> parked;
};

struct ViewStatus {
    std::string instance;  // audit.v1.b1
    std::string name;
    std::uint64_t next_ordinal = 0;
    std::uint64_t lag_events = 0;
    double lag_seconds = 0;
    std::size_t parked = 0;
    bool rebuilding = false;
    std::string stopped;  // why it stopped (unknown type, …); empty while it runs
};

struct EngineOptions {
    std::span<const View* const> views = all_views();
    std::size_t batch_events_max = limits::kBatchEventsMax;
    std::size_t window_events_max = limits::kWindowEventsMax;
    store::Clock* clock = nullptr;  // null: store::system_clock()
    std::string build{};            // empty: this binary's build id
};

/// Thread-safe. Owns one folding thread.
class Engine {
  public:
    /// Returns at once; views that are behind catch up on the folding thread. The ledger outlives
    /// the engine. Error: io. A damaged `views_dir` is no error: it is dropped and folded again.
    [[nodiscard]] static domain::Result<std::unique_ptr<Engine>> open(
        const std::filesystem::path& views_dir, store::Ledger& ledger, EngineOptions options = {});
    virtual ~Engine() = default;

    /// Errors: not_found (no such view), io.
    [[nodiscard]] virtual domain::Result<ViewSnapshot> snapshot(std::string_view view) const = 0;
    [[nodiscard]] virtual std::vector<ViewStatus> status() const = 0;
    /// Calls back once, with true when every view reflects `position`, with false after `timeout`.
    /// From any thread.
    virtual void when_reflected(domain::Position position, std::chrono::milliseconds timeout,
                                std::function<void(bool)> done) = 0;
    /// Folds a new build of the view from the start beside the live one, demands equal bytes,
    /// flips. Blocks; `progress` gets (folded, total). A difference is an Error and the live build
    /// stays.
    virtual domain::Result<void> rebuild(
        std::string_view view,
        const std::function<void(std::uint64_t, std::uint64_t)>& progress) = 0;
    /// Boot time of the last turn of the folding loop; an idle loop turns twice a second.
    [[nodiscard]] virtual std::int64_t last_turn_boot_us() const = 0;
    /// Ends the folding thread; waiting callers get false, a rebuild an Error. Answers go on from
    /// what is folded. Idempotent.
    virtual void stop() = 0;
};

/// Where a replay ends: at a position (inclusive) or a time (recorded_at <= time), else the head.
struct ReplayRange {
    std::optional<std::uint64_t> from_ordinal;  // fold only from here: what happened since
    std::optional<std::uint64_t> to_ordinal;
    std::optional<std::int64_t> at_us;
};
struct Replayed {
    MemoryRows rows;
    std::uint64_t next_ordinal = 0;
    std::int64_t last_recorded_at_us = 0;
    std::uint64_t events = 0;
    std::vector<Parked> parked;
};
/// Error: stopped, when the view meets an event it does not understand.
/// Folds the log into memory. `batch_events` only for tests: it must not show in the rows.
[[nodiscard]] domain::Result<Replayed> replay(const store::LogReader& log, const View& view,
                                              const ReplayRange& range,
                                              std::size_t batch_events = 10'000);

}  // namespace decklog::projections
