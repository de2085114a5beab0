#include "store/json/json_string.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace decklog::store {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct CodePoint {
    char32_t value = kReplacement;
    std::size_t length = 1;  // bytes it took; 1 for a byte that begins no valid sequence
};

/// A lead byte's sequence length and the smallest value that may need it (overlong forms are not
/// UTF-8).
struct Lead {
    std::size_t length;
    char32_t bits;
    char32_t smallest;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) return {1, byte, 0};
    if (byte >= 0xC2 && byte <= 0xDF) return {2, byte & 0x1FU, 0x80};
    if (byte >= 0xE0 && byte <= 0xEF) return {3, byte & 0x0FU, 0x800};
    if (byte >= 0xF0 && byte <= 0xF4) return {4, byte & 0x07U, 0x10000};
    return {0, 0, 0};
}

CodePoint decode(std::string_view text) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.length == 0 || text.size() < lead.length) return {};
    char32_t value = lead.bits;
    for (std::size_t i = 1; i < lead.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < lead.smallest || value > 0x10FFFF || surrogate) return {};
    return {value, lead.length};
}

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value <= 0x9F); }

void append_escape(std::string& out, char32_t control) {
    switch (control) {
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            break;
    }
    static constexpr char kDigits[] = "0123456789abcdef";
    out += "\\u00";
    out += kDigits[(control >> 4U) & 0x0FU];
    out += kDigits[control & 0x0FU];
}

/// Most text is plain ASCII: how much of it can be copied as it is.
std::size_t plain_prefix(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size()) {
        const auto byte = static_cast<unsigned char>(text[size]);
        if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\') break;
        ++size;
    }
    return size;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t plain = plain_prefix(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        const CodePoint point = decode(text);
        if (point.value == '"' || point.value == '\\') {
            out += '\\';
            out += text[0];
        } else if (is_control(point.value)) {
            append_escape(out, point.value);
        } else if (point.value == kReplacement) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, point.length);
        }
        text.remove_prefix(point.length);
    }
    out += '"';
}

}  // namespace decklog::store
