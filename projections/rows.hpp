// Where a view's rows live: a sorted map of bytes. Two implementations, RocksDB for the live views
// and memory for replay and tests, so that a fold cannot tell which it writes. Keys and values are
// the view's own. One thread at a time per writer. A row is never empty: a value holds at least one
// byte, and counts that sum to nothing are no row. (A merge cannot delete; so both implementations
// show an empty sum as absent, else the cut into batches would show.)
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace decklog::projections {

/// Returns false to stop.
using RowSink = std::function<bool(std::string_view key, std::string_view value)>;

class RowReader {
  public:
    virtual ~RowReader() = default;
    [[nodiscard]] virtual std::optional<std::string> get(std::string_view key) const = 0;
    /// Packed counts whose sum is the row, in any number and order: for who adds them up anyway. A
    /// row that grows all the time stands in many parts, and summing them first costs more than
    /// reading them.
    virtual void each_part(std::string_view key,
                           const std::function<void(std::string_view packed)>& sink) const {
        if (const auto row = get(key)) sink(*row);
    }
    /// Keys in [begin, end), ascending; an empty end means to the last key.
    virtual void scan(std::string_view begin, std::string_view end, const RowSink& sink) const = 0;
    /// Keys in [begin, end), descending.
    virtual void scan_back(std::string_view begin, std::string_view end,
                           const RowSink& sink) const = 0;
};

class RowWriter {
  public:
    virtual ~RowWriter() = default;
    /// `value` is not empty (checked).
    virtual void put(std::string_view key, std::string_view value) = 0;
    virtual void erase(std::string_view key) = 0;
    /// Adds a packed set of signed counts (projections/packed_counts.hpp) to the row; the sum of no
    /// row is the delta itself. A merge: costs what it adds, never reads what is there.
    virtual void add_counts(std::string_view key, std::string_view packed_delta) = 0;
};

class MemoryRows final : public RowReader, public RowWriter {
  public:
    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
    void scan(std::string_view begin, std::string_view end, const RowSink& sink) const override;
    void scan_back(std::string_view begin, std::string_view end,
                   const RowSink& sink) const override;
    void put(std::string_view key, std::string_view value) override;
    void erase(std::string_view key) override;
    void add_counts(std::string_view key, std::string_view packed_delta) override;
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& rows() const {
        return rows_;
    }

  private:
    std::map<std::string, std::string, std::less<>> rows_;
};

}  // namespace decklog::projections
