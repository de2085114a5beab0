#include "store/rows/row_sum.hpp"

#include <cstring>

namespace decklog::store {
namespace {

constexpr std::size_t kRowBytesMax = 96;

}  // namespace

RowSumKey RowSumKey::random() {
    RowSumKey key;
    randombytes_buf(key.bytes.data(), key.bytes.size());
    return key;
}

bool RowSum::add(std::string_view key, std::string_view value) {
    std::array<unsigned char, 1 + kRowBytesMax> row{};
    if (key.size() + value.size() > kRowBytesMax) return false;
    row[0] = static_cast<unsigned char>(key.size());  // where the key ends is part of the row
    std::memcpy(row.data() + 1, key.data(), key.size());
    if (!value.empty()) std::memcpy(row.data() + 1 + key.size(), value.data(), value.size());
    std::array<unsigned char, crypto_shorthash_siphashx24_BYTES> hash{};
    crypto_shorthash_siphashx24(hash.data(), row.data(), 1 + key.size() + value.size(),
                                key_->bytes.data());
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, hash.data(), sizeof low);
    std::memcpy(&high, hash.data() + sizeof low, sizeof high);
    add(low, high);
    ++rows_;
    return true;
}

void RowSum::add(const RowSum& other) {
    add(other.low_, other.high_);
    rows_ += other.rows_;
}

void RowSum::add(std::uint64_t low, std::uint64_t high) {
    low_ += low;
    high_ += high + (low_ < low ? 1U : 0U);
}

}  // namespace decklog::store
