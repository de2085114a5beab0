#include "domain/base64.hpp"

#include <array>

namespace decklog::domain {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kNone = 0x80;  // no digit has this bit

constexpr std::array<std::uint8_t, 256> digits() {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNone);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr std::array<std::uint8_t, 256> kDigits = digits();

std::uint32_t digit(char c) { return kDigits[static_cast<unsigned char>(c)]; }

char letter(std::uint32_t value) { return kAlphabet[value & 63U]; }

/// The last one or two bytes, out of a quartet that ends in padding.
bool decode_end(std::string_view quartet, std::vector<std::uint8_t>& bytes) {
    const bool two = quartet[2] != '=';
    const std::uint32_t a = digit(quartet[0]);
    const std::uint32_t b = digit(quartet[1]);
    const std::uint32_t c = two ? digit(quartet[2]) : 0;
    if (((a | b | c) & kNone) != 0 || quartet[3] != '=') return false;
    const std::uint32_t stray = two ? c & 3U : b & 15U;
    if (stray != 0) return false;
    bytes.push_back(static_cast<std::uint8_t>((a << 2U) | (b >> 4U)));
    if (two) bytes.push_back(static_cast<std::uint8_t>(((b & 15U) << 4U) | (c >> 2U)));
    return true;
}

}  // namespace

void append_base64(std::string& to, std::span<const std::uint8_t> bytes) {
    const std::size_t begin = to.size();
    to.resize(begin + (bytes.size() + 2) / 3 * 4);
    char* out = to.data() + begin;
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                    static_cast<std::uint32_t>(bytes[i + 1]) << 8U | bytes[i + 2];
        *out++ = letter(group >> 18U);
        *out++ = letter(group >> 12U);
        *out++ = letter(group >> 6U);
        *out++ = letter(group);
    }
    if (i == bytes.size()) return;
    const bool two = i + 2 == bytes.size();
    const std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                (two ? static_cast<std::uint32_t>(bytes[i + 1]) << 8U : 0U);
    *out++ = letter(group >> 18U);
    *out++ = letter(group >> 12U);
    *out++ = two ? letter(group >> 6U) : '=';
    *out = '=';
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    if (text.empty()) return bytes;
    if (text.size() % 4 != 0) return std::nullopt;
    const bool padded = text.back() == '=';
    const std::size_t whole = text.size() - (padded ? 4 : 0);
    bytes.resize(whole / 4 * 3);
    std::uint8_t* out = bytes.data();
    std::uint32_t seen = 0;
    for (std::size_t i = 0; i < whole; i += 4) {
        const std::uint32_t a = digit(text[i]);
        const std::uint32_t b = digit(text[i + 1]);
        const std::uint32_t c = digit(text[i + 2]);
        const std::uint32_t d = digit(text[i + 3]);
        seen |= a | b | c | d;
        *out++ = static_cast<std::uint8_t>((a << 2U) | (b >> 4U));
        *out++ = static_cast<std::uint8_t>((b << 4U) | (c >> 2U));
        *out++ = static_cast<std::uint8_t>((c << 6U) | d);
    }
    if ((seen & kNone) != 0) return std::nullopt;
    if (padded && !decode_end(text.substr(whole), bytes)) return std::nullopt;
    return bytes;
}

}  // namespace decklog::domain
