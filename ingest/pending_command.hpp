// A command of a body that is on its way into the log. One thread at a time.
#pragma once

#include <string_view>
#include <vector>

#include "ingest/chat_command.hpp"
#include "ingest/filing.hpp"
#include "store/ledger.hpp"

namespace decklog::ingest {

/// One that waits for its body to be durable.
class PendingCommand {
  public:
    /// `taker` outlives it.
    PendingCommand(CommandTaker& taker, const HookRequest& request, CommandAsked asked);

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
