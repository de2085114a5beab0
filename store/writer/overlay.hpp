// What the writer has decided in this turn and not yet made durable, laid over the durable rows:
// heads, stream versions, command keys, events. Later submissions of the turn decide on it; if the
// turn's batch fails it is thrown away, and nothing of it was ever answered. The writer thread's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/decider.hpp"
#include "store/frame/succession.hpp"
#include "store/rows/log_rows.hpp"
#include "store/writer/stream_heads.hpp"

namespace decklog::store {

/// A commit that a command key already belongs to.
struct KnownCommand {
    domain::RequestHash request_hash;
    FramePtr frame;
};

/// Events of one stream, and the frames that keep their bytes.
struct StreamHistory {
    std::vector<domain::EventView> events;
    std::vector<FramePtr> frames;
    void add(const FramePtr& frame, std::size_t index);
};

/// What of raw bodies goes with a turn's frames: these are put, then those erased.
struct RawChanges {
    std::vector<std::shared_ptr<const RawBody>> kept{};
    std::vector<domain::RawRef> erased{};
};

/// A frame of the overlay, and where the log ends behind it.
struct Made {
    FramePtr frame;
    Head after;
};

class Overlay {
  public:
    /// `rows` outlives the overlay.
    Overlay(const RowReader& rows, std::uint32_t partition) : rows_(rows), partition_(partition) {}

    /// Forgets the last turn and starts from the durable head of the ledger of this name.
    void begin(const Head& durable, const domain::LedgerId& ledger);
    /// The last turn's batch is durable: its stream versions may be remembered.
    void remember();
    /// The first `frames` of what is laid over the rows stand in the rows now; what was decided
    /// behind them stays. For a writer whose decisions run ahead of the log (store/kafka/).
    void settle(std::size_t frames);

    [[nodiscard]] const Head& head() const { return head_; }
    [[nodiscard]] domain::Position next() const { return {partition_, head_.next_ordinal}; }
    /// What the ledger is called after the last frame: LedgerForked renames it.
    [[nodiscard]] const domain::LedgerId& ledger() const { return ledger_; }
    [[nodiscard]] domain::Result<std::optional<KnownCommand>> find_command(
        const domain::CommandKey& key) const;
    /// Among the frames of this turn alone.
    [[nodiscard]] std::optional<KnownCommand> find_command_of_turn(
        const domain::CommandKey& key) const;
    [[nodiscard]] domain::Result<std::uint64_t> stream_version(const domain::Bytes16& stream);
    /// Valid until the next append or begin.
    [[nodiscard]] domain::Result<const StreamHistory*> history(const domain::StreamRef& stream);

    /// Takes the next frame in: moves the head, the chain and, when it is a LedgerForked, the
    /// ledger's name. `streams`: the hash of each event's stream, in order.
    void append(FramePtr frame, std::span<const domain::Bytes16> streams) {
        const Head after = head_after(head_, *frame);
        append(std::move(frame), streams, after);
    }
    /// The same where `after`, the head behind the frame, is known.
    void append(FramePtr frame, std::span<const domain::Bytes16> streams, const Head& after);
    /// To be written with this turn, once however many items carry it.
    void keep_raw(std::shared_ptr<const RawBody> raw);

    /// To be erased with this turn, after what it keeps.
    void erase_raw(std::span<const domain::RawRef> refs);
    /// Takes out what was to be kept and erased with this turn: for a writer that brings it to its
    /// place itself.
    [[nodiscard]] RawChanges take_raw() { return std::exchange(raw_, {}); }

    [[nodiscard]] std::span<const FramePtr> frames() const { return frames_; }
    /// The frame that was decided right behind this end of the log; nullopt: none was.
    [[nodiscard]] std::optional<Made> made_behind(const Head& before) const;
    [[nodiscard]] std::size_t frame_bytes() const { return frame_bytes_; }
    /// All rows of the turn: frames, indexes, raw bodies, kept chain heads, head, a new name.
    void write_to(RowBatch& batch) const;

  private:
    const RowReader& rows_;
    const std::uint32_t partition_;
    Head head_;
    domain::LedgerId ledger_;
    bool is_renamed_ = false;  // in this turn
    StreamHeads durable_heads_;
    StreamVersions versions_;  // of streams that this turn appended to
    std::unordered_map<domain::Bytes16, FramePtr, HashOfHash> commands_;
    std::unordered_map<domain::Bytes16, StreamHistory, HashOfHash> histories_;
    Head begun_;  // before the first of frames_
    std::vector<FramePtr> frames_;
    std::vector<Head> heads_;               // behind each of frames_
    std::vector<domain::Bytes16> streams_;  // of each event of frames_
    std::size_t frame_bytes_ = 0;
    std::vector<ChainPoint> kept_heads_;
    RawChanges raw_;
};

}  // namespace decklog::store
