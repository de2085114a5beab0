#include "projections/counting/ordered_bytes.hpp"

#include <array>

namespace decklog::projections::counting {
namespace {

constexpr unsigned kByteBits = 8;

// The leading ones of the first byte tell how many bytes follow, so a longer form sorts after every
// shorter one.
struct Form {
    std::uint64_t below;
    unsigned more_bytes;
    std::uint8_t marker;
};
constexpr std::array<Form, 4> kForms{Form{1ULL << 7U, 0, 0x00}, Form{1ULL << 14U, 1, 0x80},
                                     Form{1ULL << 21U, 2, 0xC0}, Form{1ULL << 28U, 3, 0xE0}};
constexpr std::uint8_t kWholeNumberFollows = 0xF0;

constexpr char kEscape = '\0';
constexpr char kEscapedZero = '\xFF';
constexpr char kTextEnds = '\x01';

}  // namespace

void put_ordered(std::string& out, std::uint64_t number) {
    for (const Form& form : kForms) {
        if (number >= form.below) continue;
        std::array<char, 4> bytes{};
        for (unsigned at = form.more_bytes; at > 0; --at, number >>= kByteBits)
            bytes[at] = static_cast<char>(number & 0xFFU);
        bytes[0] = static_cast<char>(number | form.marker);
        out.append(bytes.data(), form.more_bytes + std::size_t{1});
        return;
    }
    out.push_back(static_cast<char>(kWholeNumberFollows));
    put_be64(out, number);
}

void put_ordered(std::string& out, std::string_view text) {
    for (auto zero = text.find(kEscape); zero != std::string_view::npos;
         zero = text.find(kEscape)) {
        out.append(text.substr(0, zero + 1)).push_back(kEscapedZero);
        text.remove_prefix(zero + 1);
    }
    out.append(text);
    out.push_back(kEscape);
    out.push_back(kTextEnds);
}

std::string ordered_text(RowBytes& bytes) {
    std::string text;
    while (!bytes.at_end()) {
        const char byte = static_cast<char>(bytes.byte());
        if (byte == kEscape && static_cast<char>(bytes.byte()) != kEscapedZero) break;
        text.push_back(byte);
    }
    return text;
}

}  // namespace decklog::projections::counting
