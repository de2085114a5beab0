// Callers that wait for a position to be reflected by one view, by all, or by the log. Kept under
// the engine's lock; the callbacks are handed out and called after it is released. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::projections {

class Waiters {
  public:
    using Clock = std::chrono::steady_clock;
    using Done = std::function<void(bool)>;
    struct Answer {
        Done done;
        bool reflected = false;
        void give() const { done(reflected); }
    };

    void add(std::string view, std::uint64_t ordinal, Clock::time_point deadline, Done done);
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    /// Takes out those whose position is before what their view reflects, and those past their
    /// deadline.
    [[nodiscard]] std::vector<Answer> take_due(
        const std::function<std::uint64_t(std::string_view view)>& next_ordinal,
        Clock::time_point now);
    /// Takes out everyone, unreflected.
    [[nodiscard]] std::vector<Answer> take_all();
    [[nodiscard]] std::optional<Clock::time_point> first_deadline() const;

  private:
    struct Waiting {
        std::string view;
        std::uint64_t ordinal;
        Clock::time_point deadline;
        Done done;
    };
    std::vector<Waiting> waiting_;
};

}  // namespace decklog::projections
