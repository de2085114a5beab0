// Commands that people give in chat, carried out. Chat has no way of its own to a rollout: what
// somebody listed under [[operators]] writes becomes a request to the same routes as HTTP, in their
// name and role, and the route's answer is what they are told. The command's event, durable before
// anything here begins, is the cause of what follows, and its body's dedupe id the idempotency key,
// so a redelivery changes nothing.
//
// A crash between the command and what follows leaves a command without effect. Nobody carries it
// out later: its person has been told that it failed, and a rollback that comes an hour late is
// worse than none.
#pragma once

#include <memory>
#include <vector>

#include "api/app.hpp"
#include "api/config.hpp"
#include "ingest/chat_command.hpp"

namespace decklog::api {

/// Thread-safe.
class ChatCommands final : public ingest::CommandTaker {
  public:
    /// `core` outlives it, and is complete before the first command is taken.
    ChatCommands(const Core& core, const std::vector<Operator>& operators);
    ~ChatCommands() override;
    ChatCommands(const ChatCommands&) = delete;
    ChatCommands& operator=(const ChatCommands&) = delete;

    /// Reads and permits at once, carries out on a blocking thread, says within 2.5 s of the
    /// request's coming what became of it or that it takes longer.
    void take(ingest::ChatCommand command, ingest::Say say) override;
    /// Whoever still waits is answered. What was begun goes on among the blocking work.
    void stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace decklog::api
