// One submission at a time, from command to frame: known key? expected version? load, fold, decide,
// check limits, place, encode. Writes nothing but the overlay; nothing it answers may be released
// before the turn's batch is durable. The writer thread's.
#pragma once

#include <algorithm>
#include <optional>

#include "store/frame/event_ids.hpp"
#include "store/log_state.hpp"
#include "store/writer/overlay.hpp"

namespace decklog::store {

class Appender {
  public:
    /// `log`: events above its level are refused, and one that raises it is followed; behind a
    /// LedgerMoved all is refused but a fork.
    Appender(Overlay& overlay, LogState log, const Clock& clock, Random& random)
        : overlay_(overlay), log_(log), clock_(clock), ids_(random) {}

    /// `closed`: why new work is refused; known keys are answered all the same. An Error means that
    /// the storage failed.
    [[nodiscard]] domain::Result<Answer> append(const Submission& submission,
                                                const std::optional<Refused>& closed);

    /// Another partition of the ledger has raised its level.
    void follow_level(std::uint32_t level) { log_.level = std::max(log_.level, level); }

  private:
    [[nodiscard]] domain::Result<std::optional<Refusal>> version_conflict(
        const ExpectedVersion& expected);
    [[nodiscard]] domain::Result<domain::Decision<domain::Events>> decide(
        const domain::Intent& intent);
    [[nodiscard]] domain::Decision<void> check_level(const domain::Events& events) const;
    void follow(const Frame& frame);
    /// Encodes the events behind the overlay's head; a Refusal when they are over a limit.
    [[nodiscard]] domain::Result<tl::expected<FramePtr, Refusal>> encode(
        const domain::Events& events, const std::optional<domain::CommandKey>& key,
        const domain::RequestHash& request_hash, std::int64_t recorded_at_us);

    Overlay& overlay_;
    LogState log_;  // with what this turn decided: a turn that fails is the last
    const Clock& clock_;
    EventIds ids_;
    // Of the commit at hand; members for their capacity.
    std::vector<PlacedEvent> placed_;
    std::vector<domain::Bytes16> streams_;
    StreamVersions versions_;
};

[[nodiscard]] Receipt receipt_of(const Frame& frame, Outcome outcome);

}  // namespace decklog::store
