// Callers that wait for a position to be reflected. Kept under the engine's lock; the callbacks are
// handed out and called after it is released. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
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

    void add(std::uint64_t ordinal, Clock::time_point deadline, Done done);
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    /// Takes out those whose position is before `next_ordinal`, and those past their deadline.
    [[nodiscard]] std::vector<Answer> take_due(std::uint64_t next_ordinal, Clock::time_point now);
    /// Takes out everyone, unreflected.
    [[nodiscard]] std::vector<Answer> take_all();
    [[nodiscard]] std::optional<Clock::time_point> first_deadline() const;

  private:
    struct Waiting {
        std::uint64_t ordinal;
        Clock::time_point deadline;
        Done done;
    };
    std::vector<Waiting> waiting_;
};

}  // namespace decklog::projections
