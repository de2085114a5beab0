// Bytes of keys and values: numbers that sort (big-endian), numbers that are small (varints), texts
// with their length. Whoever reads asks `ok` once at the end; a field past the end or too long
// reads as zero or empty. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace decklog::projections {

void put_be32(std::string& out, std::uint32_t value);
void put_be64(std::string& out, std::uint64_t value);
/// Signed, in an order that sorts.
void put_be64_signed(std::string& out, std::int64_t value);
/// LEB128 in its shortest form. Inline, as everything that is done once an entry of a packed row.
inline void put_varint(std::string& out, std::uint64_t value) {
    constexpr std::uint64_t kMore = 0x80;
    for (; value >= kMore; value >>= 7U) out.push_back(static_cast<char>(value | kMore));
    out.push_back(static_cast<char>(value));
}
/// Zigzag varint.
inline void put_signed(std::string& out, std::int64_t value) {
    put_varint(out,
               (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63));
}
/// Varint length, then the bytes.
void put_text(std::string& out, std::string_view text);

/// The first key after all keys that begin with `prefix`; empty when there is none.
[[nodiscard]] std::string end_of_prefix(std::string_view prefix);

class RowBytes {
  public:
    explicit RowBytes(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t byte();
    std::uint32_t be32();
    std::uint64_t be64();
    std::int64_t be64_signed();
    std::uint64_t varint();
    std::int64_t signed_varint();
    std::string_view text();
    /// What is left, without a length.
    std::string_view rest();

    /// Every field so far was whole and canonical.
    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view take(std::size_t size);
    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace decklog::projections
