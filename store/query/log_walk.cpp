#include "store/query/log_walk.hpp"

#include <algorithm>

#include "store/frame/frame.hpp"

namespace decklog::store {
namespace {

std::uint32_t index_in(const Frame& frame, std::uint64_t ordinal) {
    return static_cast<std::uint32_t>(ordinal - frame.first().ordinal);
}

/// The part of `stretch` inside `frame`.
Stretch within(const Stretch& stretch, const Frame& frame) {
    return {stretch.partition, std::max(stretch.first, frame.first().ordinal),
            std::min(stretch.last, frame.last().ordinal)};
}

/// False: the visit said stop.
bool visit_frame(const FramePtr& frame, Stretch part, Order order, const EventVisit& visit) {
    while (!part.empty()) {
        const std::uint64_t ordinal = order == Order::ascending ? part.first : part.last;
        if (!visit(frame, index_in(*frame, ordinal))) return false;
        part.pass(ordinal, order);
    }
    return true;
}

}  // namespace

void Stretch::pass(std::uint64_t ordinal, Order order) {
    if (order == Order::ascending) {
        first = ordinal + 1;
    } else if (ordinal > 0) {
        last = ordinal - 1;
    } else {
        *this = Stretch{partition};
    }
}

std::optional<domain::Position> Stretch::scan_after(Order order) const {
    if (order == Order::descending) return domain::Position{partition, last + 1};
    if (first == 0) return std::nullopt;
    return domain::Position{partition, first - 1};
}

domain::Result<void> walk(const LogReader& log, Stretch stretch, Order order,
                          const EventVisit& visit) {
    if (stretch.empty()) return {};
    if (order == Order::ascending) {
        return log.read({stretch.partition, stretch.first}, [&](const FramePtr& frame) {
            const Stretch part = within(stretch, *frame);
            return visit_frame(frame, part, order, visit) && frame->last().ordinal < stretch.last;
        });
    }
    while (!stretch.empty()) {
        const auto frame = log.frame_at({stretch.partition, stretch.last});
        if (!frame) return tl::unexpected(frame.error());
        if (!visit_frame(*frame, within(stretch, **frame), order, visit)) return {};
        stretch.pass((*frame)->first().ordinal, order);
    }
    return {};
}

domain::Result<bool> FrameFinder::visit_at(domain::Position position, const EventVisit& visit) {
    const bool at_hand =
        frame_ != nullptr && frame_->first() <= position && position <= frame_->last();
    if (!at_hand) {
        auto found = log_.frame_at(position);
        if (!found) return tl::unexpected(found.error());
        frame_ = std::move(*found);
    }
    return visit(frame_, index_in(*frame_, position.ordinal));
}

}  // namespace decklog::store
