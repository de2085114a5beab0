// A command that somebody gave in chat and that its platform lets us answer in the same breath:
// what it says, who gave it as the platform's signature has it, and who carries it out. What
// commands mean is not known here. It is handed over when it stands in the log, never before.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "ingest/inbound.hpp"

namespace decklog::ingest {

/// As a body has it. `say` is how its platform is answered in words.
struct CommandAsked {
    std::string person;       // the platform's own id; empty: the body names nobody
    std::string words;        // what stands behind the command's name
    bool is_all_text = true;  // false: something that is no text was left out of the words
    HookAnswer (*say)(std::string_view text) = nullptr;
};

struct ChatCommand {
    Platform platform{};
    std::string account;  // whose secret the signature fits
    std::string person;
    std::string words;
    bool is_all_text = true;
    std::string dedupe_id;  // of its body, whichever endpoint that comes to and how often
    std::chrono::steady_clock::time_point received{};
    domain::TraceId trace{};
    domain::EventId event{};          // under which it stands in the log
    std::int64_t recorded_at_us = 0;  // of that event, so of a redelivery the same
    std::int64_t given_at_us = 0;     // when its platform signed it, and not after it was recorded
};

/// What the person is told; or, with a code, that nothing was done here and the whole request may
/// be sent again.
struct Spoken {
    std::string text;
    std::string unavailable{};
};
using Say = std::function<void(Spoken)>;

class CommandTaker {
  public:
    virtual ~CommandTaker() = default;
    /// On the writer thread, so it never waits. `say` is called exactly once, on any thread.
    virtual void take(ChatCommand command, Say say) = 0;
};

}  // namespace decklog::ingest
