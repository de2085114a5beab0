// What a worker says of itself: which release it runs, on which runtime, how much waits, and what
// went wrong last. A report is a fact that nobody may refuse; a heartbeat that says nothing new is
// no event, so that a log of many workers does not fill with them (is_news).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::domain {

struct WorkerReport {
    std::string worker{};
    std::string release{};
    std::string provider{};  // that decides: heuristic, gemini
    std::string runtime{};   // that acts on the platforms: playwright
    std::uint64_t queue_depth = 0;
    std::optional<Bytes16> error_hash{};  // of the last error's text, keyed; absent: none
};

/// After this long a heartbeat is recorded although it says nothing new.
inline constexpr std::int64_t kWorkerReportEveryUs = 60LL * 1'000'000;
/// And after this long, when its queue has at least doubled or halved, by 10 items or more.
inline constexpr std::int64_t kWorkerQueueReportEveryUs = 10LL * 1'000'000;
/// A worker that was not heard of for this long is silent.
inline constexpr std::int64_t kWorkerSilentAfterUs = 180LL * 1'000'000;

/// `last`: the newest report in the log and when it occurred. Any change is news, that of the queue
/// depth by kWorkerQueueReportEveryUs alone.
[[nodiscard]] bool is_news(const WorkerReport& report, const WorkerReport& last,
                           std::int64_t last_at_us, std::int64_t now_us);

/// The event, on the envelope given: workspace, time, actor, recorded_by and sealed part are the
/// caller's; type, stream, release and payload are set here. Rejections name their field:
/// invalid_name (worker, release, provider or runtime, limit 128).
[[nodiscard]] Decision<NewEvent> worker_reported(const WorkerReport& report, NewEvent envelope);

/// The report in such an event; nullopt: another event, or bytes that do not check.
[[nodiscard]] std::optional<WorkerReport> worker_report_in(const EventView& event);

}  // namespace decklog::domain
