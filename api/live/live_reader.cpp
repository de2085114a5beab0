#include "api/live/live_reader.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/queries/limits.hpp"
#include "domain/cursor.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"
#include "store/query/merge_order.hpp"

namespace decklog::api {
namespace {

std::int64_t comment_every_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(limits::kLiveComment).count();
}

}  // namespace

/// What a look at a reader comes to.
struct LiveReader::Turn {
    enum class What : std::uint8_t { nothing, gather, read, give } what = What::nothing;
    std::optional<std::string> piece{};  // to give; nullopt ends the stream
};

LiveReader::LiveReader(const Core& core, Hub hub, LivePlace place)
    : core_(&core), hub_(std::move(hub)), place_(std::move(place)) {}

void LiveReader::ask(Piece piece) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ = std::move(piece);
    }
    if (look()) hub_.ring();
}

void LiveReader::close() {
    Piece waiting;  // ends outside the lock: it may be the last to hold its session
    const std::lock_guard lock(mutex_);
    waiting = std::exchange(waiting_, nullptr);
}

bool LiveReader::may_go_on() const {
    return core_->tokens == nullptr || core_->tokens->still_valid(place_.principal);
}

/// Where the reader stands, as an id without an event: a client that has seen no event yet, or none
/// for long, goes on from here when its connection breaks.
std::string LiveReader::place_line() const { return id_line() + "\n"; }

/// Empty before the first event.
std::string LiveReader::id_line() const {
    domain::Positions place;
    for (std::uint32_t partition = 0; partition < place_.next_ordinals.size(); ++partition) {
        const std::uint64_t next = place_.next_ordinals[partition];
        if (next > 0) place.push_back({partition, next - 1});
    }
    return place.empty() ? std::string() : "id: " + cursor_of(*core_, place) + "\n";
}

std::uint64_t LiveReader::events_ahead() const {
    std::uint64_t ahead = 0;
    for (std::uint32_t partition = 0; partition < place_.next_ordinals.size(); ++partition)
        ahead += core_->ledger->head(partition).next_ordinal - place_.next_ordinals[partition];
    return ahead;
}

/// Sixty readers that get every commit in a piece of its own are sixty writes a commit for the io
/// thread, which takes the webhooks too.
bool LiveReader::may_gather() const {
    return events_ahead() < limits::kLivePieceEvents &&
           std::chrono::steady_clock::now() - last_piece_at_ < limits::kLiveGather;
}

LiveReader::Turn LiveReader::begin_turn() {
    using What = Turn::What;
    const std::lock_guard lock(mutex_);
    if (!waiting_ || in_turn_) return {};
    Turn turn;
    if (!may_go_on()) {
        turn = {What::give, std::nullopt};
    } else if (!std::exchange(begun_, true)) {
        turn = {What::give,
                "retry: " + std::to_string(limits::kLiveRetry.count()) + "\n" + place_line()};
    } else if (core_->clock->boot_us() - last_piece_us_ >= comment_every_us()) {
        turn = {What::give, ":\n" + place_line()};  // also on the way through what does not match
    } else if (events_ahead() > 0) {
        turn.what = may_gather() ? What::gather : What::read;
    }
    in_turn_ = turn.what == What::give || turn.what == What::read;
    return turn;
}

bool LiveReader::look() {
    auto turn = begin_turn();
    if (turn.what == Turn::What::give) give(std::move(turn.piece));
    if (turn.what == Turn::What::read) hub_.read_later(shared_from_this());
    return turn.what == Turn::What::gather;
}

void LiveReader::read() {
    auto piece = read_piece();
    if (!piece) {
        store::log_error("http", {}, "a live stream ends, the log cannot be read: {}",
                         piece.error().context);
        return give(std::nullopt);
    }
    if (!piece->empty()) return give(std::move(*piece));
    {
        const std::lock_guard lock(mutex_);
        in_turn_ = false;
    }
    if (look()) hub_.ring();  // nothing matched so far; there may be more
}

void LiveReader::fail() { give(std::nullopt); }

/// What matches in the next stretch of the log, and moves the place past it.
domain::Result<std::string> LiveReader::read_piece() {
    if (place_.renew) {
        auto renewed = place_.renew();
        if (!renewed) return tl::unexpected(renewed.error());
        place_.filters = std::move(*renewed);
    }
    std::vector<LiveStretch> stretches;
    for (std::uint32_t partition = 0; partition < place_.filters.size(); ++partition) {
        auto stretch = read_live_stretch(*core_, *hub_.news, place_.filters[partition],
                                         {partition, place_.next_ordinals[partition]});
        if (!stretch) return tl::unexpected(stretch.error());
        stretches.push_back(*std::move(stretch));
    }
    return write_piece(stretches);
}

/// Events of all partitions in the order in which they were recorded. A partition that is far
/// behind holds up what the others recorded since, which is read again in the next turn.
std::string LiveReader::write_piece(const std::vector<LiveStretch>& stretches) {
    std::vector<store::PartitionTimes> times;
    for (const LiveStretch& stretch : stretches) times.push_back(stretch.times);
    std::vector<std::size_t> given(stretches.size());
    const bool opens = place_.principal.opens_sealed();
    std::string text;
    for (const std::uint32_t partition : store::merge_order(times, store::Order::ascending)) {
        const LiveStretch::Found& found = stretches[partition].events[given[partition]++];
        place_.next_ordinals[partition] = found.event().position().ordinal + 1;
        text += id_line() + found.text(*core_, opens);
        if (text.size() > limits::kLivePieceBytes) return text;
    }
    for (std::size_t partition = 0; partition < stretches.size(); ++partition) {
        if (given[partition] == stretches[partition].events.size())
            place_.next_ordinals[partition] = stretches[partition].read_to;
    }
    return text;
}

/// Ends the turn in the same step in which it takes the reader: a turn that began in between would
/// give another piece to the reader of this one, which would be lost. A token that ended while the
/// log was read ends the stream before the piece.
void LiveReader::give(std::optional<std::string> piece) {
    Piece waiting;
    {
        const std::lock_guard lock(mutex_);
        in_turn_ = false;
        waiting = std::exchange(waiting_, nullptr);
        last_piece_us_ = core_->clock->boot_us();
        last_piece_at_ = std::chrono::steady_clock::now();
    }
    if (!waiting) return;
    if (piece && !may_go_on()) piece.reset();
    waiting(std::move(piece));
}

}  // namespace decklog::api
