#include "api/live/live_reader.hpp"

#include <algorithm>
#include <utility>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/event_json.hpp"
#include "api/queries/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kPieceBytes = 1024 * 1024;
constexpr std::string_view kComment = ":\n\n";

std::string retry_line() { return "retry: " + std::to_string(limits::kLiveRetry.count()) + "\n\n"; }

std::int64_t comment_every_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(limits::kLiveComment).count();
}

}  // namespace

/// What a look at a waiting reader comes to: a piece at once, or reading.
struct LiveReader::Turn {
    bool read = false;
    std::optional<std::string> piece{};
};

LiveReader::LiveReader(const Core& core, LivePlace place)
    : core_(&core), place_(std::move(place)) {}

void LiveReader::ask(Piece piece) {
    {
        const std::lock_guard lock(mutex_);
        waiting_ = std::move(piece);
    }
    look();
}

void LiveReader::close() {
    const std::lock_guard lock(mutex_);
    waiting_ = nullptr;
}

bool LiveReader::may_go_on() const {
    if (core_->draining && core_->draining()) return false;
    return core_->tokens == nullptr || core_->tokens->still_valid(place_.principal);
}

std::optional<LiveReader::Turn> LiveReader::begin_turn() {
    const std::lock_guard lock(mutex_);
    if (!waiting_ || in_turn_) return std::nullopt;
    std::optional<Turn> turn;
    if (!may_go_on()) {
        turn = Turn{};
    } else if (!std::exchange(begun_, true)) {
        turn = Turn{false, retry_line()};
    } else if (core_->ledger->head(0).next_ordinal > place_.next_ordinal) {
        turn = Turn{true};
    } else if (core_->clock->boot_us() - last_piece_us_ >= comment_every_us()) {
        turn = Turn{false, std::string(kComment)};
    }
    in_turn_ = turn.has_value();
    return turn;
}

void LiveReader::look() {
    auto turn = begin_turn();
    if (!turn) return;
    if (turn->read) {
        core_->run_blocking([self = shared_from_this()] { self->read_on(); });
    } else {
        give(std::move(turn->piece));
    }
}

void LiveReader::read_on() {
    auto piece = read_piece(core_->ledger->head(0).next_ordinal);
    if (!piece || !piece->empty()) return give(std::move(piece));
    {
        const std::lock_guard lock(mutex_);
        in_turn_ = false;
    }
    look();  // nothing matched up to the head; it may have moved meanwhile
}

/// What matches between the reader's place and `head`, and moves the place past it. Nullopt: the
/// log cannot be read.
std::optional<std::string> LiveReader::read_piece(std::uint64_t head) {
    store::EventFilter filter = place_.filter;
    if (place_.next_ordinal > 0) filter.after = domain::Position{0, place_.next_ordinal - 1};
    const auto page = store::find_events(*core_->ledger, filter, store::Order::ascending,
                                         limits::kLivePieceEvents);
    if (!page) {
        store::log_error("http", {}, "a live stream ends, the log cannot be read: {}",
                         page.error().context);
        return std::nullopt;
    }
    const Opener opener(*core_->vault, place_.principal.opens_sealed());
    std::string text;
    for (const auto& [frame, index] : page->events) {
        const domain::EventView event = frame->event(index);
        text += "id: " + cursor_of(*core_, event.position()) +
                "\ndata: " + event_json(event, core_->ledger->ledger_id(), opener) + "\n\n";
        place_.next_ordinal = event.position().ordinal + 1;
        if (text.size() > kPieceBytes) return text;
    }
    if (!page->next) place_.next_ordinal = std::max(place_.next_ordinal, head);
    return text;
}

/// Ends the turn in the same step in which it takes the reader: a turn that began in between would
/// give another piece to the reader of this one, which would be lost.
void LiveReader::give(std::optional<std::string> piece) {
    Piece waiting;
    {
        const std::lock_guard lock(mutex_);
        in_turn_ = false;
        waiting = std::exchange(waiting_, nullptr);
        last_piece_us_ = core_->clock->boot_us();
    }
    if (waiting) waiting(std::move(piece));
}

}  // namespace decklog::api
