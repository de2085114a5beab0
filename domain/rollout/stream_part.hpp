// What an audited action is to a stream of a policy. Live counts, replays and the walk back to a
// frozen baseline all ask here, so they count the same. Pure, any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/event.hpp"
#include "domain/gate/policy.hpp"

namespace decklog::domain {

/// An error is an attempt too.
enum class StreamPart : std::uint8_t { attempt, error };

/// The streams of a policy by the actions that concern them, so that an event of another action
/// costs one lookup whatever the policy holds.
class StreamParts {
  public:
    struct Entry {
        std::size_t stream = 0;  // its place in the policy
        StreamPart part = StreamPart::attempt;
        std::string platform{};  // empty: any

        /// Of the event's.
        [[nodiscard]] bool takes(std::string_view event_platform) const {
            return platform.empty() || platform == event_platform;
        }
    };
    explicit StreamParts(const gate::Policy& policy);

    /// Entries of the event's action, platforms not yet looked at.
    [[nodiscard]] const std::vector<Entry>& of_action(std::string_view action) const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::unordered_map<std::string, std::vector<Entry>, Hash, std::equal_to<>> by_action_;
    std::vector<Entry> none_;
};

/// What the stream counts once: the unit or conversation of the envelope, else the event's stream.
/// Lives as long as the event's bytes.
[[nodiscard]] std::string_view unit_of(const EventView& event, gate::UnitOf counted);

}  // namespace decklog::domain
