#include "domain/text.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "domain/limits.hpp"

namespace decklog::domain {
namespace {

constexpr std::uint32_t kLastCodePoint = 0x10FFFF;

struct LeadByte {
    std::size_t length = 0;            // bytes of the whole sequence
    std::uint32_t bits = 0;            // what the lead byte adds
    std::uint32_t code_point_min = 0;  // below it a shorter form exists
};

std::optional<LeadByte> lead_byte(std::uint8_t byte) {
    if (byte < 0x80U) return LeadByte{1, byte, 0};
    if ((byte & 0xE0U) == 0xC0U) return LeadByte{2, byte & 0x1FU, 0x80};
    if ((byte & 0xF0U) == 0xE0U) return LeadByte{3, byte & 0x0FU, 0x800};
    if ((byte & 0xF8U) == 0xF0U) return LeadByte{4, byte & 0x07U, 0x10000};
    return std::nullopt;
}

/// Takes one code point off the front; nullopt when the bytes there are not UTF-8.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
    const auto lead = lead_byte(static_cast<std::uint8_t>(text.front()));
    if (!lead || text.size() < lead->length) return std::nullopt;
    std::uint32_t code_point = lead->bits;
    for (const char c : text.substr(1, lead->length - 1)) {
        const auto byte = static_cast<std::uint8_t>(c);
        if ((byte & 0xC0U) != 0x80U) return std::nullopt;
        code_point = (code_point << 6U) | (byte & 0x3FU);
    }
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < lead->code_point_min || code_point > kLastCodePoint || is_surrogate) {
        return std::nullopt;
    }
    text.remove_prefix(lead->length);
    return code_point;
}

bool is_control(std::uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F);
}

bool is_alphanumeric(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (!take_code_point(text)) return false;
    }
    return true;
}

bool is_outside_id(std::string_view text) {
    return !text.empty() && text.size() <= limits::kOutsideIdBytesMax && is_plain_text(text);
}

bool is_plain_text(std::string_view text) {
    while (!text.empty()) {
        const auto code_point = take_code_point(text);
        if (!code_point || is_control(*code_point)) return false;
    }
    return true;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::kNameBytesMax && is_alphanumeric(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_alphanumeric(c) ||
                      std::string_view("._:-").find(c) != std::string_view::npos;
           });
}

bool is_workspace(std::string_view text) {
    return !text.empty() && text.size() <= limits::kWorkspaceBytesMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

}  // namespace decklog::domain
