#include "store/rows/memory_rows.hpp"

#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace decklog::store {
namespace {

constexpr std::size_t kScanChunkRows = 256;

class MemoryBatch final : public RowBatch {
  public:
    struct Put {
        RowFamily family;
        std::string key, value;
    };
    struct Erase {
        RowFamily family;
        std::string key;
    };
    struct EraseRange {
        RowFamily family;
        std::string begin, end;
    };

    void put(RowFamily family, std::string_view key, std::string_view value) override {
        bytes_ += key.size() + value.size();
        steps_.emplace_back(Put{family, std::string(key), std::string(value)});
    }
    void erase(RowFamily family, std::string_view key) override {
        bytes_ += key.size();
        steps_.emplace_back(Erase{family, std::string(key)});
    }
    void erase_range(RowFamily family, std::string_view begin, std::string_view end) override {
        steps_.emplace_back(EraseRange{family, std::string(begin), std::string(end)});
    }
    [[nodiscard]] std::size_t bytes() const override { return bytes_; }

    void apply_to(MemoryRows::Maps& maps) {
        for (auto& step : steps_) {
            if (auto* row = std::get_if<Put>(&step)) {
                maps[index_of(row->family)].insert_or_assign(std::move(row->key),
                                                             std::move(row->value));
            } else if (const auto* gone = std::get_if<Erase>(&step)) {
                maps[index_of(gone->family)].erase(gone->key);
            } else if (const auto* range = std::get_if<EraseRange>(&step)) {
                MemoryRows::Map& map = maps[index_of(range->family)];
                map.erase(map.lower_bound(range->begin), map.lower_bound(range->end));
            }
        }
        steps_.clear();
    }

  private:
    std::vector<std::variant<Put, Erase, EraseRange>> steps_;
    std::size_t bytes_ = 0;
};

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows rows_up(const MemoryRows::Map& map, std::string_view begin, std::string_view end) {
    Rows rows;
    for (auto it = map.lower_bound(begin);
         it != map.end() && it->first < end && rows.size() < kScanChunkRows; ++it) {
        rows.emplace_back(*it);
    }
    return rows;
}

Rows rows_down(const MemoryRows::Map& map, std::string_view begin, std::string_view end) {
    Rows rows;
    for (auto it = map.lower_bound(end); it != map.begin() && rows.size() < kScanChunkRows;) {
        --it;
        if (it->first < begin) break;
        rows.emplace_back(*it);
    }
    return rows;
}

}  // namespace

domain::Result<std::optional<std::string>> MemoryRows::get(RowFamily family,
                                                           std::string_view key) const {
    const std::shared_lock lock(mutex_);
    const Map& map = maps_[index_of(family)];
    const auto found = map.find(key);
    if (found == map.end()) return std::optional<std::string>{};
    return std::optional<std::string>(found->second);
}

domain::Result<void> MemoryRows::scan(RowFamily family, std::string_view begin,
                                      std::string_view end, Order order, Access,
                                      const KeyValueSink& sink) const {
    std::string from(begin);
    std::string to(end);
    while (from < to) {
        Rows rows;
        {
            const std::shared_lock lock(mutex_);
            const Map& map = maps_[index_of(family)];
            rows = order == Order::ascending ? rows_up(map, from, to) : rows_down(map, from, to);
        }
        for (const auto& [key, value] : rows) {
            if (!sink(key, value)) return {};
        }
        if (rows.size() < kScanChunkRows) return {};
        if (order == Order::ascending) {
            from = rows.back().first + '\0';
        } else {
            to = rows.back().first;
        }
    }
    return {};
}

std::unique_ptr<RowBatch> MemoryRows::new_batch() const { return std::make_unique<MemoryBatch>(); }

domain::Result<void> MemoryRows::commit(RowBatch& batch) {
    const std::unique_lock lock(mutex_);
    static_cast<MemoryBatch&>(batch).apply_to(maps_);
    return {};
}

std::unique_ptr<RowReader> MemoryRows::snapshot() const {
    const std::shared_lock lock(mutex_);
    return std::make_unique<MemoryRows>(maps_);
}

MemoryRows::Maps MemoryRows::copy() const {
    const std::shared_lock lock(mutex_);
    return maps_;
}

}  // namespace decklog::store
