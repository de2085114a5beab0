// The decider concept: the whole of what an aggregate knows. `initial` is the state of an empty
// stream, `evolve` folds one event into it, `decide` answers a command with the events it causes,
// with an empty vector ("accepted, nothing to do"), or with a Rejection that names the broken rule.
// No clock, no random numbers, no I/O: times and ids arrive in the command. Intent is the
// type-erased form that the ledger's writer runs.
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/result.hpp"

namespace decklog::domain {

using Events = std::vector<NewEvent>;

struct StreamRef {
    std::string workspace;
    std::string stream;
    auto operator<=>(const StreamRef&) const = default;
};

template <class D>
concept Decider = requires(const typename D::State& state, const typename D::Command& command,
                           const EventView& event) {
    { D::initial() } -> std::same_as<typename D::State>;
    { D::evolve(state, event) } -> std::same_as<typename D::State>;
    { D::decide(command, state) } -> std::same_as<Decision<Events>>;
    /// The streams whose events make up the state.
    { D::reads(command) } -> std::same_as<std::vector<StreamRef>>;
};

/// The events of the streams an Intent reads, in log order within each stream, streams in the order
/// of `reads`.
using Histories = std::span<const std::vector<EventView>>;

/// One command, ready for the writer: what it reads and what it decides. Called on the writer
/// thread, once or (cluster mode, after a lost epoch) again with newer histories; so it must be a
/// pure function of `Histories`.
struct Intent {
    std::string command;  // name for command_noted and metrics: "record_message"
    StreamRef home{};     // where command_noted goes when the decision is empty
    std::vector<StreamRef> reads{};
    std::function<Decision<Events>(Histories)> decide;
};

/// Binds a command to its decider.
template <Decider D>
[[nodiscard]] Intent intent(std::string name, StreamRef home, typename D::Command command) {
    std::vector<StreamRef> reads = D::reads(command);
    return Intent{std::move(name), std::move(home), std::move(reads),
                  [command = std::move(command)](Histories histories) -> Decision<Events> {
                      auto state = D::initial();
                      for (const auto& history : histories) {
                          for (const EventView& event : history)
                              state = D::evolve(std::move(state), event);
                      }
                      return D::decide(command, state);
                  }};
}

}  // namespace decklog::domain
