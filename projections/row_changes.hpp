// What a fold wrote, not yet applied: until then the rows it reads stay as they were before the
// batch, as they do in a RocksDB write batch. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "projections/rows.hpp"

namespace decklog::projections {

class RowChanges final : public RowWriter {
  public:
    void put(std::string_view key, std::string_view value) override;
    void erase(std::string_view key) override;
    void add_counts(std::string_view key, std::string_view packed_delta) override;
    /// In the order they were written.
    void apply_to(RowWriter& rows) const;

  private:
    enum class Kind : std::uint8_t { put, erase, add_counts };
    struct Change {
        Kind kind;
        std::string key;
        std::string value;
    };
    std::vector<Change> changes_;
};

}  // namespace decklog::projections
