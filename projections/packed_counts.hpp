// A set of (key bytes -> signed 64-bit count) as one string of bytes: how views keep a whole
// minute, hour or day in one row.
//
// Format: for each entry in ascending key order (unsigned bytes): varint key length, key, zigzag
// varint count. Varints are LEB128 in their shortest form. Keys are distinct, no count is zero, the
// empty set is the empty string: the same set always has the same bytes. So addition is associative
// and commutative down to the byte, and a merge operator that sums in any grouping ends with the
// row a plain sum would have written. Counts wrap modulo 2^64, because an overflow check would
// depend on the order. Pure, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections {

struct Count {
    std::string_view key;
    std::int64_t count = 0;
};

/// Walks a packed set in key order; the keys are views into it. `next` answers nullopt at the end
/// and at the first byte that is not canonical; `malformed` tells which it was.
class CountReader {
  public:
    explicit CountReader(std::string_view packed) : rest_(packed) {}
    [[nodiscard]] std::optional<Count> next();
    [[nodiscard]] bool malformed() const { return malformed_; }
    /// What is not read yet.
    [[nodiscard]] std::string_view rest() const { return rest_; }

  private:
    [[nodiscard]] Count one();

    std::string_view rest_;
    std::string_view last_key_;
    bool first_ = true;
    bool malformed_ = false;
};

/// Appends one entry, which the caller knows to come next. No count is zero.
inline void put_count(std::string& packed, std::string_view key, std::int64_t count) {
    put_varint(packed, key.size());
    packed.append(key);
    put_signed(packed, count);
}

/// Appends entries that come in ascending key order; drops zeros. The order is the caller's duty
/// (checked).
class CountWriter {
  public:
    void append(std::string_view key, std::int64_t count);
    [[nodiscard]] std::string take() && { return std::move(packed_); }

  private:
    std::string packed_;
    std::size_t last_key_at_ = 0;
    std::size_t last_key_size_ = 0;
};

/// Counts that come in any order, for one row.
class CountDelta {
  public:
    void add(std::string_view key, std::int64_t count);
    [[nodiscard]] std::string packed() const;
    [[nodiscard]] bool empty() const { return counts_.empty(); }

  private:
    std::map<std::string, std::int64_t, std::less<>> counts_;
};

/// The sum of two sets. Error: corrupt, when either is not canonical.
[[nodiscard]] domain::Result<std::string> add(std::string_view left, std::string_view right);
/// The sum of many sets, in any grouping the same bytes. Error: corrupt.
[[nodiscard]] domain::Result<std::string> sum(std::span<const std::string_view> sets);
/// The count of one key, 0 when absent. Error: corrupt.
[[nodiscard]] domain::Result<std::int64_t> count_of(std::string_view packed, std::string_view key);

}  // namespace decklog::projections
