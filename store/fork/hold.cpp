#include "store/fork/hold.hpp"

#include "store/frame/frame.hpp"

namespace decklog::store {
namespace {

using domain::EventType;

domain::Result<std::optional<domain::Position>> newest_of(const LogReader& ledger, EventType type) {
    std::optional<domain::Position> newest;
    IndexKey key;
    key.kind = IndexKey::Kind::type;
    key.type = static_cast<std::uint32_t>(type);
    auto scanned =
        ledger.scan(0, key, Order::descending, std::nullopt, [&newest](domain::Position at) {
            newest = at;
            return false;
        });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    return newest;
}

}  // namespace

domain::Result<std::unique_ptr<Hold>> Hold::open(Ledger& ledger) {
    std::unique_ptr<Hold> hold(new Hold);
    // Listening comes first: an event between the two is met twice, never missed.
    hold->subscription_ = ledger.on_durable([raw = hold.get()](std::span<const FramePtr> frames) {
        if (frames.front()->first().partition != 0) return;  // what it says holds for all
        for (const FramePtr& frame : frames) raw->look_at(frame);
    });
    for (const EventType type :
         {EventType::ledger_forked, EventType::ledger_adopted, EventType::ledger_moved}) {
        const auto newest = newest_of(ledger, type);
        if (!newest) return tl::unexpected(newest.error());
        if (*newest) hold->note(**newest, *state_after(type));
    }
    return hold;
}

std::optional<Hold::State> Hold::state_after(EventType type) {
    if (type == EventType::ledger_forked) return State::held;
    if (type == EventType::ledger_adopted) return State::free;
    if (type == EventType::ledger_moved) return State::moved;
    return std::nullopt;
}

std::optional<domain::Position> Hold::since(State state) const {
    const std::lock_guard lock(mutex_);
    return state_ == state ? newest_ : std::nullopt;
}

std::optional<domain::Position> Hold::held_since() const { return since(State::held); }

std::optional<domain::Position> Hold::moved_at() const { return since(State::moved); }

void Hold::look_at(const FramePtr& frame) {
    if (frame->first().partition != 0) return;
    for (std::size_t i = 0; i < frame->event_count(); ++i) {
        const domain::EventView event = frame->event(i);
        if (const auto state = state_after(static_cast<EventType>(event.type())))
            note(event.position(), *state);
    }
}

void Hold::note(domain::Position at, State state) {
    const std::lock_guard lock(mutex_);
    if (newest_ && at < *newest_) return;
    newest_ = at;
    state_ = state;
}

}  // namespace decklog::store
