#include "projections/waiters.hpp"

#include <algorithm>
#include <utility>

namespace decklog::projections {

void Waiters::add(std::string view, std::uint64_t ordinal, Clock::time_point deadline, Done done) {
    waiting_.push_back({std::move(view), ordinal, deadline, std::move(done)});
}

std::vector<Waiters::Answer> Waiters::take_due(
    const std::function<std::uint64_t(std::string_view view)>& next_ordinal,
    Clock::time_point now) {
    std::vector<Answer> due;
    std::erase_if(waiting_, [&](Waiting& waiting) {
        const bool reflected = waiting.ordinal < next_ordinal(waiting.view);
        if (!reflected && now < waiting.deadline) return false;
        due.push_back({std::move(waiting.done), reflected});
        return true;
    });
    return due;
}

std::vector<Waiters::Answer> Waiters::take_all() {
    std::vector<Answer> all;
    for (Waiting& waiting : waiting_) all.push_back({std::move(waiting.done), false});
    waiting_.clear();
    return all;
}

std::optional<Waiters::Clock::time_point> Waiters::first_deadline() const {
    if (waiting_.empty()) return std::nullopt;
    const auto first = std::min_element(
        waiting_.begin(), waiting_.end(),
        [](const Waiting& a, const Waiting& b) { return a.deadline < b.deadline; });
    return first->deadline;
}

}  // namespace decklog::projections
