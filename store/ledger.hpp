// The ledger as everyone else sees it: submit commands, get answers that are durable; read frames
// in order; ask the indexes. Two implementations, held to one contract suite (tests/contract):
// memory_ledger and rocks_ledger.
//
// Invariants: positions are dense; stream versions are dense from 1; a command key applies at most
// once, forever; nothing is answered before it, and everything it was computed from, is durable;
// recorded_at never goes back.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/decider.hpp"
#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::store {

// ---- submitting
// ------------------------------------------------------------------------------------------------------

struct ExpectedVersion {
    enum class Kind : std::uint8_t { any, none, exists, exact };
    Kind kind = Kind::any;
    std::uint64_t version = 0;  // only for exact
    domain::StreamRef stream{};
};

/// What a known command key with another request hash means (design §3, table of sources).
enum class OtherContent : std::uint8_t {
    refuse,        // /api: 409 idempotency_conflict
    count,         // Discord, WhatsApp, Slack: a repeat, counted
    is_new_event,  // Telegram: a new event under `other_key`
};

/// A raw body to keep beside the chain, already compressed and sealed with its day's key.
struct RawBody {
    domain::RawRef ref;
    domain::Bytes sealed;
};

/// Raw bodies from the first to the last one, both included.
struct RawRange {
    std::uint32_t first_day = 0;
    domain::RawId first{};
    std::uint32_t last_day = 0;
    domain::RawId last{};

    [[nodiscard]] static RawRange of(const domain::RawRef& ref) {
        return {ref.day, ref.id, ref.day, ref.id};
    }
    /// All of the days before `day`.
    [[nodiscard]] static RawRange before(std::uint32_t day) { return {0, {}, day, {}}; }
    [[nodiscard]] static RawRange all() {
        return before(std::numeric_limits<std::uint32_t>::max());
    }
};

struct Submission {
    domain::Intent intent;
    std::optional<domain::CommandKey> key{};  // absent: new each time
    domain::RequestHash request_hash{};
    OtherContent on_other_content = OtherContent::refuse;
    std::optional<domain::CommandKey> other_key{};  // only for is_new_event
    ExpectedVersion expected{};
    std::shared_ptr<const RawBody>
        raw{};  // written in the batch of the first new item that carries it
    /// Ends a danger or frees space (revoking a token, erasing a person): taken in although the
    /// disk is low, out of a small reserve.
    bool frees_or_protects = false;
    std::vector<domain::RawRef> erase_raw{};  // raw bodies that go in the batch of this commit
    /// Decided later than this by the writer's clock it is refused (`too_late`); a repeat is
    /// answered whenever it comes.
    std::optional<std::int64_t> not_after_us{};
};

enum class Outcome : std::uint8_t { accepted, noted, repeated };

struct Receipt {
    Outcome outcome = Outcome::accepted;
    domain::Position first;  // first and last event of the commit
    domain::Position last;
    std::vector<domain::EventId> event_ids;
    std::int64_t recorded_at_us = 0;
    bool other_content =
        false;  // repeated although the content differed (count), or filed under other_key
};

enum class Refused : std::uint8_t {
    rejected,  // by the decider, or a limit: see `rejection`
    idempotency_conflict,
    version_conflict,
    queue_full,       // 503, Retry-After
    disk_low,         // 503
    clock_refused,    // 503 until --accept-clock
    read_only,        // 503: opened without its vault
    moved,            // 503: the ledger goes on elsewhere (LedgerMoved)
    outcome_unknown,  // 503: a storage error, or the log does not answer; repeat with the same key
    not_owner,        // cluster: another node writes this partition; nothing was done here
    stopping,         // 503
};

struct Refusal {
    Refused kind = Refused::rejected;
    domain::Rejection rejection;
};

using Answer = tl::expected<Receipt, Refusal>;
/// Called once, when the answers are durable (or refused): on the writer thread, or on the caller's
/// own when the queue does not take the call. Keep it short, never block.
using Completion = std::function<void(std::vector<Answer>)>;

// ---- reading
// ---------------------------------------------------------------------------------------------------------

/// One verified frame: header and body as stored. Shared between the writer's listeners; immutable.
class Frame;  // store/frame/frame.hpp
using FramePtr = std::shared_ptr<const Frame>;

struct Head {
    std::uint64_t next_ordinal = 0;  // ordinal of the next event; 0: empty
    std::int64_t recorded_at_us = 0;
    domain::Bytes32 chain{};  // chain head after the last frame
};

enum class Order : std::uint8_t { ascending, descending };

/// What an index scan looks for. Times are occurred_at, microseconds.
struct IndexKey {
    enum class Kind : std::uint8_t { stream, type, action, conversation, correlation, time };
    Kind kind = Kind::time;
    std::string text{};                 // stream name, action, conversation, correlation id
    std::string workspace = "default";  // for stream
    std::uint32_t type = 0;             // for type
    std::optional<std::int64_t> since_us{}, until_us{};  // for time; inclusive, exclusive
};

/// Returns false to stop.
using FrameSink = std::function<bool(const FramePtr&)>;
using PositionSink = std::function<bool(domain::Position)>;

/// Thread-safe; sees only durable frames.
class LogReader {
  public:
    virtual ~LogReader() = default;
    /// Changes when a LedgerForked becomes durable: ask again for every answer.
    [[nodiscard]] virtual domain::LedgerId ledger_id() const = 0;
    [[nodiscard]] virtual std::uint32_t partitions() const { return 1; }
    [[nodiscard]] virtual Head head(std::uint32_t partition) const = 0;
    /// Frames in order from the one that holds `from`.
    virtual domain::Result<void> read(domain::Position from, const FrameSink& sink) const = 0;
    /// The frame that holds `position`; not_found past the end.
    [[nodiscard]] virtual domain::Result<FramePtr> frame_at(domain::Position position) const = 0;
    /// Chain head after the frame that ends right before `position` (its ordinal is a frame's
    /// first); not_found when that boundary's head is not derivable. The engine compares it with a
    /// view's stored head.
    [[nodiscard]] virtual domain::Result<domain::Bytes32> chain_before(
        domain::Position position) const = 0;
    /// Positions of matching events: by log order for stream, type, action, conversation,
    /// correlation; by occurred_at, then position, for time. `after` is exclusive in scan
    /// direction. Hash indexes may yield collisions: callers filter.
    virtual domain::Result<void> scan(std::uint32_t partition, const IndexKey& key, Order order,
                                      std::optional<domain::Position> after,
                                      const PositionSink& sink) const = 0;
    /// Last version of a stream; 0: it has no events.
    [[nodiscard]] virtual domain::Result<std::uint64_t> stream_version(
        const domain::StreamRef& stream) const = 0;
    /// The raw body as stored (compressed, sealed); not_found after raw_days.
    [[nodiscard]] virtual domain::Result<domain::Bytes> raw_body(
        const domain::RawRef& ref) const = 0;

    /// Called on the writer thread with each durable group of frames, before their answers are
    /// released. Must be quick. Destroying the handle unregisters, and waits for a call in
    /// progress.
    using Listener = std::function<void(std::span<const FramePtr>)>;
    [[nodiscard]] virtual std::unique_ptr<struct Subscription> on_durable(Listener listener) = 0;
};

struct Subscription {
    virtual ~Subscription() = default;
};

enum class WriterState : std::uint8_t {
    ready,
    disk_low,
    clock_refused,
    read_only,
    failed,
    stopping
};

/// Why writing stopped for good in this process.
struct StorageFailure {
    bool disk_full = false;
    std::string text;  // names files: for operators
};

/// Thread-safe.
class Ledger : public LogReader {
  public:
    /// Decides the submissions in order, each seeing those before it, all in one fsync, none mixed
    /// with half of another call's. The completion gets one answer each, in order.
    virtual void submit(std::uint32_t partition, std::vector<Submission> submissions,
                        Completion done) = 0;
    /// Will the writer answer it with what it said before, or refuse it as a conflict, whatever its
    /// intent is? What the edges ask before they make anybody new: a repeat needs no subject, and
    /// must not make one for whom an erasure has forgotten since. Keys are kept for ever, so a yes
    /// stays one; a no may be out of date. Any thread. Errors: io, corrupt.
    [[nodiscard]] virtual domain::Result<bool> adds_nothing(const Submission& submission) const = 0;
    /// Makes raw bodies in these ranges that were erased, durably so, unreadable in the files too.
    /// Any thread; takes as long as rewriting the files that held them. Errors: io (retryable: an
    /// older snapshot or a copy in progress still needs the bytes), stopped (`cancelled` was set;
    /// may be null).
    [[nodiscard]] virtual domain::Result<void> purge_raw(std::span<const RawRange> /*erased*/,
                                                         std::atomic<bool>* /*cancelled*/) {
        return {};
    }
    [[nodiscard]] virtual WriterState state() const = 0;
    /// Set while the state is `failed`.
    [[nodiscard]] virtual std::optional<StorageFailure> failure() const { return std::nullopt; }
    /// Behind the last recorded_at, in microseconds; 0: not behind.
    [[nodiscard]] virtual std::int64_t clock_behind_us() const = 0;
    [[nodiscard]] virtual std::size_t queue_depth() const = 0;
    /// Boot time of the last turn of the writer's loop: stale means stalled.
    [[nodiscard]] virtual std::int64_t last_turn_boot_us() const = 0;
    /// Refuses new work, finishes what is queued.
    virtual void stop() = 0;
};

/// Of a submission that adds nothing: it is answered by its key. Should the log have lost the key,
/// it is refused.
[[nodiscard]] domain::Intent repeat_intent(std::string command);

/// Blocks until answered; for tools and tests.
[[nodiscard]] std::vector<Answer> submit_and_wait(Ledger& ledger, std::uint32_t partition,
                                                  std::vector<Submission> submissions);

/// What the store tells whoever measures it. Called on the writer thread.
class Observer {
  public:
    virtual ~Observer() = default;
    virtual void committed(std::size_t /*frames*/, std::size_t /*events*/, std::size_t /*bytes*/) {}
    virtual void append_seconds(double /*from submit to durable*/) {}
    virtual void fsync_seconds(double) {}
    virtual void answered(std::string_view /*command*/,
                          std::string_view /*accepted, repeated, idempotency_conflict, …*/) {}
};

}  // namespace decklog::store
