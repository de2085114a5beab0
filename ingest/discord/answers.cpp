#include "ingest/discord/answers.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

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

}  // namespace

HookAnswer pong() { return json({{"type", kPong}}); }

HookAnswer recorded(std::string_view what, std::string_view cursor) {
    const std::string content =
        "Recorded: " + std::string(what) + " at position " + std::string(cursor) + ".";
    return json({{"type", kMessage},
                 {"data",
                  {{"content", content},
                   {"flags", kEphemeral},
                   {"allowed_mentions", {{"parse", boost::json::array{}}}}}}});
}

HookAnswer no_choices() {
    return json({{"type", kChoices}, {"data", {{"choices", boost::json::array{}}}}});
}

}  // namespace decklog::ingest::discord
