#include "projections/row_bytes.hpp"

namespace decklog::projections {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint64_t kMore = 0x80;
constexpr unsigned kLastShift = 63;  // the tenth byte holds the top bit only
constexpr std::uint64_t kSign = 1ULL << 63U;

void put_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
    for (unsigned shift = bytes * 8; shift > 0; shift -= 8) {
        out.push_back(static_cast<char>((value >> (shift - 8)) & 0xFFU));
    }
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = (value << 8U) | static_cast<std::uint8_t>(byte);
    return value;
}

}  // namespace

void put_be32(std::string& out, std::uint32_t value) { put_big_endian(out, value, 4); }
void put_be64(std::string& out, std::uint64_t value) { put_big_endian(out, value, 8); }
void put_be64_signed(std::string& out, std::int64_t value) {
    put_be64(out, static_cast<std::uint64_t>(value) ^ kSign);
}

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out.append(text);
}

std::string end_of_prefix(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<std::uint8_t>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1);
    return end;
}

std::string_view RowBytes::take(std::size_t size) {
    if (size > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
}

std::uint8_t RowBytes::byte() {
    const std::string_view bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes.front());
}

std::uint32_t RowBytes::be32() { return static_cast<std::uint32_t>(big_endian(take(4))); }
std::uint64_t RowBytes::be64() { return big_endian(take(8)); }
std::int64_t RowBytes::be64_signed() { return static_cast<std::int64_t>(be64() ^ kSign); }

std::uint64_t RowBytes::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= kLastShift && !rest_.empty(); shift += kBits) {
        const std::uint8_t next = byte();
        if (shift == kLastShift && next > 1) break;
        value |= (next & ~kMore) << shift;
        if ((next & kMore) != 0) continue;
        if (next == 0 && shift != 0) break;  // a longer form than needed
        return value;
    }
    ok_ = false;
    rest_ = {};
    return 0;
}

std::int64_t RowBytes::signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

std::string_view RowBytes::text() {
    const std::uint64_t size = varint();
    return size > rest_.size() ? take(rest_.size() + 1) : take(static_cast<std::size_t>(size));
}

std::string_view RowBytes::rest() { return take(rest_.size()); }

}  // namespace decklog::projections
