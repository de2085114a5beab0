// Walking a stretch of one partition event by event, in either direction, pulling each frame once.
// One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "store/ledger.hpp"

namespace decklog::store {

/// Ordinals of one partition that are still to be looked at; both ends inclusive, empty when first
/// > last.
struct Stretch {
    std::uint32_t partition = 0;
    std::uint64_t first = 1;
    std::uint64_t last = 0;

    [[nodiscard]] bool empty() const { return first > last; }
    [[nodiscard]] bool contains(std::uint64_t ordinal) const {
        return first <= ordinal && ordinal <= last;
    }
    /// Leaves out `ordinal` and what comes before it in scan direction.
    void pass(std::uint64_t ordinal, Order order);
    /// The exclusive start that LogReader::scan takes; nullopt: begin at the end of the log.
    [[nodiscard]] std::optional<domain::Position> scan_after(Order order) const;
};

/// Returns false to stop.
using EventVisit = std::function<bool(const FramePtr& frame, std::uint32_t index)>;

/// Visits every event of `stretch` in order.
[[nodiscard]] domain::Result<void> walk(const LogReader& log, Stretch stretch, Order order,
                                        const EventVisit& visit);

/// Finds frames by position; keeps the last one, since neighbours often share it.
class FrameFinder {
  public:
    explicit FrameFinder(const LogReader& log) : log_(log) {}
    /// Calls `visit` with the event there and passes on what it returns.
    [[nodiscard]] domain::Result<bool> visit_at(domain::Position position, const EventVisit& visit);

  private:
    const LogReader& log_;
    FramePtr frame_;
};

}  // namespace decklog::store
