#include "ingest/plain_block.hpp"

namespace decklog::ingest {
namespace {

constexpr std::string_view kBegin = "```\n";
constexpr std::string_view kEnd = "\n```";
constexpr std::string_view kRest = "…";

bool goes_on(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20U && c != '\n') || byte == 0x7FU;
}

/// The code point at the head of `text`, as written.
std::string written(std::string_view point, std::string (*escaped)(char)) {
    if (point.size() > 1) return std::string(point);
    if (is_control(point.front())) return "·";
    return escaped(point.front() == '`' ? '\'' : point.front());
}

}  // namespace

std::string plain_block(std::string_view text, std::size_t bytes_max,
                        std::string (*escaped)(char)) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t room = bytes_max - kBegin.size() - kEnd.size();
    std::string body;
    std::size_t whole = 0;  // bytes behind which the rest still has room
    while (!text.empty()) {
        std::size_t length = 1;
        while (length < text.size() && goes_on(text[length])) ++length;
        body += written(text.substr(0, length), escaped);
        text.remove_prefix(length);
        if (body.size() > room) {
            body.resize(whole);
            body += kRest;
            break;
        }
        if (body.size() + kRest.size() <= room) whole = body.size();
    }
    return std::string(kBegin).append(body).append(kEnd);
}

}  // namespace decklog::ingest
