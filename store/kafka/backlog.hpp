// Records that were fetched and not applied yet. Near the end of the topic they are due at once;
// far behind it they are gathered, for batches that pay to be written as files. Pure, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "store/kafka/record.hpp"
#include "store/kafka/replica.hpp"
#include "store/limits.hpp"

namespace decklog::store::kafka {

class Backlog {
  public:
    /// `bulk_records`: as many make a bulk batch.
    explicit Backlog(std::size_t bulk_records = limits::kBulkRecords)
        : bulk_records_(bulk_records) {}

    void add(std::vector<Fetched> records) {
        for (const Fetched& record : records) bytes_ += record.bytes.size();
        if (records_.empty()) {
            records_ = std::move(records);
        } else {
            records_.insert(records_.end(), std::make_move_iterator(records.begin()),
                            std::make_move_iterator(records.end()));
        }
    }

    struct Due {
        std::vector<Fetched> records;  // empty: nothing is due
        Pace pace = Pace::live;
    };
    /// `end`: of the topic, as far as it is known. `has_stalled`: nothing has come for a while, so
    /// what is there is not held for more.
    [[nodiscard]] Due take_due(std::optional<std::int64_t> end, bool has_stalled = false) {
        if (records_.empty()) return {};
        const bool is_full = records_.size() >= bulk_records_ || bytes_ >= limits::kBulkBytes;
        const auto behind = end ? *end - (records_.back().offset + 1) : 0;
        const bool is_far = behind > static_cast<std::int64_t>(bulk_records_ / kNear);
        if (!is_full && is_far && !has_stalled) return {};
        const bool pays = is_full || records_.size() >= bulk_records_ / kPaysFrom;
        bytes_ = 0;
        return {std::exchange(records_, {}), pays ? Pace::bulk : Pace::live};
    }

  private:
    // Of a bulk batch: how near to the end records are due, and how many pay to be one at the end.
    static constexpr std::size_t kNear = 8, kPaysFrom = 4;

    std::size_t bulk_records_;
    std::vector<Fetched> records_;
    std::size_t bytes_ = 0;
};

}  // namespace decklog::store::kafka
