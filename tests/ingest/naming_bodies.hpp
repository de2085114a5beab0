// Webhook bodies that name a person of whom their events say nothing: calls, quotes, lists, kinds
// that no adapter understands, a body whose other half came before. What an erasure must find
// though no event of the person points to it.
#pragma once

#include <string>
#include <vector>

#include "ingest/inbound.hpp"

namespace decklog::ingest::fixtures {

struct Named {
    std::string whatsapp, telegram, slack, discord;  // the person's ids
    std::string message_id;                          // of WhatsApp, with the number in it as base64
    std::string group_id;  // of WhatsApp, of a group that the person made: the number as base64
    std::string name, text;
};
[[nodiscard]] Named somebody();

struct NamingBody {
    Platform platform{};
    std::string what;
    std::string body;
    std::string content_type = "application/json";
    /// The event of whoever sent it names the person too, in that one's sealed part: words belong
    /// to their author, whoever they mention, and outlive whom they mention.
    bool is_said_by_the_author_too = false;
};
/// In the order in which they must be delivered.
[[nodiscard]] std::vector<NamingBody> bodies_that_name(const Named& who);
/// One message of each platform by the person, about whom those events are.
[[nodiscard]] std::vector<NamingBody> messages_of(const Named& who);
/// One of each platform that does not name the person; `words` stand in it.
[[nodiscard]] std::vector<NamingBody> messages_of_others(const std::string& words);

}  // namespace decklog::ingest::fixtures
