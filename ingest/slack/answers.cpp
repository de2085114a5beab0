#include "ingest/slack/answers.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "ingest/limits.hpp"
#include "ingest/plain_block.hpp"

namespace decklog::ingest::slack {
namespace {

HookAnswer json(const boost::json::value& body) {
    return HookAnswer{
        .status = 200, .content_type = "application/json", .body = boost::json::serialize(body)};
}

HookAnswer to_the_asker(const std::string& text) {
    return json({{"response_type", "ephemeral"}, {"text", text}});
}

/// Slack reads `<@U…>`, `<!channel>` and links by these three, inside a block of code too.
std::string escaped(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        default:
            return std::string(1, c);
    }
}

}  // namespace

HookAnswer challenged(std::string_view challenge) {
    return json({{"challenge", boost::json::string_view(challenge)}});
}

HookAnswer recorded_command(std::string_view cursor) {
    return to_the_asker("Recorded: command at position " + std::string(cursor) + ".");
}

HookAnswer no_options() { return json({{"options", boost::json::array{}}}); }

HookAnswer say(std::string_view text) {
    return to_the_asker(plain_block(text, limits::kSlackTextBytesMax, escaped));
}

}  // namespace decklog::ingest::slack
