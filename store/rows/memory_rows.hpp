// Rows in sorted maps: what the in-memory ledger stands on. Durable means "put in". Thread-safe; a
// scan copies a few rows at a time, so that its sink may call back.
#pragma once

#include <map>
#include <shared_mutex>

#include "store/rows/rows.hpp"

namespace decklog::store {

class MemoryRows final : public RowStore {
  public:
    using Map = std::map<std::string, std::string, std::less<>>;
    using Maps = std::array<Map, kRowFamilyNames.size()>;

    MemoryRows() = default;
    explicit MemoryRows(Maps maps) : maps_(std::move(maps)) {}

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        RowFamily family, std::string_view key) const override;
    [[nodiscard]] domain::Result<void> scan(RowFamily family, std::string_view begin,
                                            std::string_view end, Order order, Access access,
                                            const KeyValueSink& sink) const override;
    [[nodiscard]] std::unique_ptr<RowBatch> new_batch() const override;
    [[nodiscard]] domain::Result<void> commit(RowBatch& batch) override;
    /// Nothing to do: what was erased is gone.
    [[nodiscard]] domain::Result<void> purge(RowFamily, std::span<const RowRange>,
                                             std::atomic<bool>*) override {
        return {};
    }
    [[nodiscard]] std::unique_ptr<RowReader> snapshot() const override;
    [[nodiscard]] Maps copy() const;

  private:
    mutable std::shared_mutex mutex_;
    Maps maps_;
};

}  // namespace decklog::store
