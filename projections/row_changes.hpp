// What a fold wrote, not yet applied: until then the rows it reads stay as they were before the
// batch. Applied in the order of keys, since a sorted map (RocksDB's memtable is one) finds the
// place of a key right behind the one before; in the order in which a fold makes its rows, finding
// places took half of the time of a fold. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "projections/rows.hpp"

namespace decklog::projections {

class RowChanges final : public RowWriter {
  public:
    void put(std::string_view key, std::string_view value) override;
    void erase(std::string_view key) override;
    void add_counts(std::string_view key, std::string_view packed_delta) override;
    /// In the order of keys; changes of one key in the order they were made. Once.
    void apply_to(RowWriter& rows) &&;
    /// Of all keys and values, with a little beside each.
    [[nodiscard]] std::size_t bytes() const {
        return bytes_.size() + changes_.size() * kBytesBesides;
    }

  private:
    static constexpr std::size_t kBytesBesides = 8;
    enum class Kind : std::uint8_t { put, erase, add_counts };
    struct Change {
        std::uint64_t key_begins = 0;  // its first bytes, big-endian: they decide most comparisons
        std::size_t at = 0;            // of the key in bytes_; the value follows it
        std::uint32_t key_size = 0;
        std::uint32_t value_size = 0;
        Kind kind = Kind::put;
    };
    void add(Kind kind, std::string_view key, std::string_view value);
    [[nodiscard]] bool before(const Change& left, const Change& right) const;
    [[nodiscard]] std::string_view key(const Change& change) const {
        return std::string_view(bytes_).substr(change.at, change.key_size);
    }
    [[nodiscard]] std::string_view value(const Change& change) const {
        return std::string_view(bytes_).substr(change.at + change.key_size, change.value_size);
    }

    std::vector<Change> changes_;
    std::string bytes_;
};

}  // namespace decklog::projections
