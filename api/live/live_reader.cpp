#include "api/live/live_reader.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/queries/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"

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
std::string LiveReader::place_line() const {
    if (place_.next_ordinal == 0) return "\n";
    return "id: " + cursor_of(*core_, {0, place_.next_ordinal - 1}) + "\n\n";
}

/// Sixty readers that get every commit in a piece of its own are sixty writes a commit for the io
/// thread, which takes the webhooks too.
bool LiveReader::may_gather() const {
    return core_->ledger->head(0).next_ordinal - place_.next_ordinal < limits::kLivePieceEvents &&
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
    } else if (core_->ledger->head(0).next_ordinal > place_.next_ordinal) {
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
        place_.filter = std::move(*renewed);
    }
    const auto frames = hub_.news->from(place_.next_ordinal, limits::kLivePieceEvents);
    if (!frames.empty()) return read_news(frames);
    return read_log();
}

std::string LiveReader::read_news(const std::vector<LiveFramePtr>& frames) {
    const bool opens = place_.principal.opens_sealed();
    std::string text;
    for (const LiveFramePtr& frame : frames) {
        const std::uint64_t first = frame->frame().first().ordinal;
        const std::uint64_t last = frame->frame().last().ordinal;
        while (place_.next_ordinal <= last) {
            const std::size_t index = place_.next_ordinal++ - first;
            const domain::EventView event = frame->frame().event(index);
            if (!store::matches(place_.filter, event)) continue;
            const std::string_view shared = frame->text(*core_, index);
            text += shared;
            if (shared.empty()) text += live_text(*core_, event, opens);
            if (text.size() > limits::kLivePieceBytes) return text;
        }
    }
    return text;
}

domain::Result<std::string> LiveReader::read_log() {
    const std::uint64_t head = core_->ledger->head(0).next_ordinal;
    store::EventFilter filter = place_.filter;
    if (place_.next_ordinal > 0) filter.after = domain::Position{0, place_.next_ordinal - 1};
    const std::uint64_t end = std::min(head, place_.next_ordinal + limits::kLiveScanEvents);
    const domain::Position last{0, end - 1};
    filter.to = filter.to ? std::min(*filter.to, last) : last;
    const auto page = store::find_events(*core_->ledger, filter, store::Order::ascending,
                                         limits::kLivePieceEvents, limits::kLivePieceBytes);
    if (!page) return tl::unexpected(page.error());
    std::string text;
    for (const auto& [frame, index] : page->events) {
        const domain::EventView event = frame->event(index);
        text += live_text(*core_, event, place_.principal.opens_sealed());
        place_.next_ordinal = event.position().ordinal + 1;
        if (text.size() > limits::kLivePieceBytes) return text;
    }
    if (!page->next) place_.next_ordinal = std::max(place_.next_ordinal, end);
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
