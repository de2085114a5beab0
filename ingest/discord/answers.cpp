#include "ingest/discord/answers.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "ingest/limits.hpp"
#include "ingest/plain_block.hpp"

namespace decklog::ingest::discord {
namespace {

constexpr int kPong = 1;
constexpr int kMessage = 4;
constexpr int kChoices = 8;
constexpr int kEphemeral = 64;

HookAnswer json(const boost::json::value& body) {
    return HookAnswer{
        .status = 200, .content_type = "application/json", .body = boost::json::serialize(body)};
}

HookAnswer to_the_asker(const std::string& content) {
    return json({{"type", kMessage},
                 {"data",
                  {{"content", content},
                   {"flags", kEphemeral},
                   {"allowed_mentions", {{"parse", boost::json::array{}}}}}}});
}

}  // namespace

HookAnswer pong() { return json({{"type", kPong}}); }

HookAnswer recorded(std::string_view what, std::string_view cursor) {
    return to_the_asker("Recorded: " + std::string(what) + " at position " + std::string(cursor) +
                        ".");
}

HookAnswer say(std::string_view text) {
    const auto as_it_is = [](char c) { return std::string(1, c); };
    return to_the_asker(plain_block(text, limits::kDiscordTextBytesMax, as_it_is));
}

HookAnswer no_choices() {
    return json({{"type", kChoices}, {"data", {{"choices", boost::json::array{}}}}});
}

}  // namespace decklog::ingest::discord
