// A command of a body that is on its way into the log. One thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/chat_command.hpp"
#include "ingest/filing.hpp"
#include "store/ledger.hpp"

namespace decklog::ingest {

/// When a body came, and when its platform says that it signed it.
struct Coming {
    std::chrono::steady_clock::time_point received{};
    std::int64_t now_us = 0;
    std::int64_t signed_at_us = 0;
};

/// One that waits for its body to be durable.
class PendingCommand {
  public:
    /// `taker` outlives it.
    PendingCommand(CommandTaker& taker, const HookRequest& request, const Coming& coming,
                   std::string dedupe_id, CommandAsked asked);

    /// Hands it over, and answers with what is said. Only a command that stands in the log as one
    /// is carried out; anything else is answered as it was.
    void hand_over(const std::vector<store::Answer>& answers, const std::vector<FiledAs>& filed_as,
                   HookAnswer answer, const HookDone& done);

  private:
    CommandTaker* taker_;
    ChatCommand command_;
    HookAnswer (*say_)(std::string_view text);
};

}  // namespace decklog::ingest
