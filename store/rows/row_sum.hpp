// An order-free sum over rows: the keyed hash of each row, added up modulo 2^128. Two sets of rows
// have the same sum only if they are the same set, whatever order they were met in, so that what
// the log demands and what an index holds can be compared after two sequential scans, without
// sorting and without memory. The key is random and lives for one run: nobody can have prepared
// rows that cancel out. One thread at a time.
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace decklog::store {

struct RowSumKey {
    std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> bytes{};
    [[nodiscard]] static RowSumKey random();
};

class RowSum {
  public:
    explicit RowSum(const RowSumKey& key) : key_(&key) {}
    /// False when the row is larger than any row of an index is, and not added.
    [[nodiscard]] bool add(std::string_view key, std::string_view value);
    /// Another sum under the same key.
    void add(const RowSum& other);
    [[nodiscard]] std::uint64_t rows() const { return rows_; }
    [[nodiscard]] bool operator==(const RowSum& other) const {
        return rows_ == other.rows_ && low_ == other.low_ && high_ == other.high_;
    }

  private:
    void add(std::uint64_t low, std::uint64_t high);
    const RowSumKey* key_;
    std::uint64_t rows_ = 0, low_ = 0, high_ = 0;
};

}  // namespace decklog::store
