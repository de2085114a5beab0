// Keeps the live views of one partition: reads durable frames in order (from memory when live, from
// disk when behind), folds them in batches, writes rows, position and chain head in one unsynced
// batch of `views/`. After a crash it goes on from the stored position; a stored chain head that
// the ledger does not have, another build or another fingerprint means that it folds from the
// start, never that it goes on. What the storage or the log refuses is tried again.
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

#include <boost/json/object.hpp>

#include "domain/result.hpp"
#include "projections/limits.hpp"
#include "projections/rows.hpp"
#include "projections/view.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"

namespace rocksdb {
class Env;
}

namespace decklog::projections {

/// The state a query answers from. Positions: everything before `next` is folded in.
struct ViewSnapshot {
    std::shared_ptr<const RowReader> rows;  // a consistent snapshot, valid while held
    std::uint64_t next_ordinal = 0;
    std::vector<Parked> parked;
    const View* logic = nullptr;  // the version that made the rows
    std::uint32_t partition = 0;
};

struct ViewStatus {
    std::string instance;  // audit.v1.b1
    std::string name;
    std::uint64_t next_ordinal = 0;
    std::uint64_t lag_events = 0;
    double lag_seconds = 0;
    std::size_t parked = 0;
    bool rebuilding = false;
    bool folding_anew = false;  // from the start of the log; until it has caught up
    std::string stopped;        // why it stopped (unknown type, …); empty while it runs
    std::string trouble;   // what the storage or the log said no to; it is tried again by itself
    bool readable = true;  // false while views/ is opened again
    std::string kept{};    // the build that was live before, frozen; empty: none
    std::int64_t kept_until_us = 0;
    std::uint32_t partition = 0;
};

/// How a rebuild may end.
enum class Takeover : std::uint8_t {
    equal_bytes,  // only when nothing differs
    unparked,  // rows may differ, if parked keys fold now and no other key misses more than before
    accepted,  // whatever differs
    back,      // no build: the one that is kept catches up and takes over
};

/// A row that differs, as the view prints it; bytes when it prints nothing for this row alone.
struct RowDifference {
    std::string key;  // readable
    std::vector<boost::json::object> before, after;
    std::string before_bytes, after_bytes;  // readable; empty: absent
};

struct Rebuilt {
    bool flipped = false;
    std::string before, after;      // instances: live at the call, and the other one
    std::uint64_t compared_at = 0;  // next ordinal at which they were compared
    std::uint64_t rows = 0;
    std::uint64_t rows_that_differ = 0;
    std::vector<RowDifference> first_differences;
    std::vector<Parked> folds_now;     // parked before, not any more
    std::vector<Parked> newly_parked;  // or missing other events than before
    std::uint32_t partition = 0;
};

/// Gets (folded, total); false ends the work.
using Progress = std::function<bool(std::uint64_t, std::uint64_t)>;

/// For `when_reflected`: the log itself, not a view.
inline constexpr std::string_view kTheLog = "the log";

struct EngineOptions {
    std::uint32_t partition = 0;  // whose log is folded
    /// Several logic versions of one name: see all_views.
    std::span<const View* const> views = all_views();
    std::size_t batch_events_max = limits::kBatchEventsMax;
    std::size_t window_events_max = limits::kWindowEventsMax;
    store::Clock* clock = nullptr;           // null: store::system_clock()
    std::string build{};                     // empty: this binary's build id
    std::int64_t keep_us = limits::kKeepUs;  // how long a build that was flipped away is kept
    rocksdb::Env* env = nullptr;             // null: the machine's files
};

/// Thread-safe. Owns one folding thread.
class Engine {
  public:
    /// Returns at once; views that are behind catch up on the folding thread. The ledger outlives
    /// the engine. Error: io. A damaged `views_dir` is no error: it is dropped and folded again.
    [[nodiscard]] static domain::Result<std::unique_ptr<Engine>> open(
        const std::filesystem::path& views_dir, store::Ledger& ledger, EngineOptions options = {});
    virtual ~Engine() = default;

    /// Errors: not_found (no such view), io (retryable while views/ is opened again).
    [[nodiscard]] virtual domain::Result<ViewSnapshot> snapshot(std::string_view view) const = 0;
    /// The logic that is live; null: no such view.
    [[nodiscard]] virtual const View* logic(std::string_view view) const = 0;
    [[nodiscard]] virtual std::vector<ViewStatus> status() const = 0;
    /// Another number whenever a read of views/ failed or the files were opened again: an answer
    /// made meanwhile may lack rows and is not to be given.
    [[nodiscard]] virtual std::uint64_t read_failures() const = 0;
    /// Calls back once, with true when the view (kTheLog: the log; empty: every view) reflects
    /// `position`, with false after `timeout`. From any thread.
    virtual void when_reflected(std::string_view view, domain::Position position,
                                std::chrono::milliseconds timeout,
                                std::function<void(bool)> done) = 0;
    /// Folds the next build of the view from the start beside the live one, with the newest logic
    /// of this binary; compares; flips if `takeover` allows what differs, else drops it. The build
    /// that was live is kept. Blocks. Errors: not_found, stopped (retryable: the engine or the
    /// caller ended it, or another rebuild is running), io, corrupt; then the live build stays.
    [[nodiscard]] virtual domain::Result<Rebuilt> rebuild(std::string_view view, Takeover takeover,
                                                          const Progress& progress) = 0;
    /// Boot time of the last turn of the folding loop; an idle loop turns twice a second.
    [[nodiscard]] virtual std::int64_t last_turn_boot_us() const = 0;
    /// Ends the folding thread; waiting callers get false, a rebuild an Error. Answers go on from
    /// what is folded. Idempotent.
    virtual void stop() = 0;
};

/// Where a replay of one partition ends: at a position (inclusive) or a time (recorded_at <= time),
/// else the head.
struct ReplayRange {
    std::uint32_t partition = 0;
    std::optional<std::uint64_t> from_ordinal;  // fold only from here: what happened since
    std::optional<std::uint64_t> to_ordinal;
    std::optional<std::int64_t> at_us;
};
struct Replayed {
    std::uint32_t partition = 0;
    MemoryRows rows;
    std::uint64_t next_ordinal = 0;
    std::int64_t last_recorded_at_us = 0;
    std::uint64_t events = 0;
    std::vector<Parked> parked;
};
/// Folds the log of one partition into memory. Errors: stopped, when the view meets an event it
/// does not understand or, retryable, when `progress` ended it; what the log says. `batch_events`
/// only for tests: it must not show in the rows.
[[nodiscard]] domain::Result<Replayed> replay(const store::LogReader& log, const View& view,
                                              const ReplayRange& range,
                                              std::size_t batch_events = 10'000,
                                              const Progress& progress = {});

}  // namespace decklog::projections
