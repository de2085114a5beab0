// What is still to be looked for in the partitions that this node writes: bodies of the erased that
// came after their erasure. Each erasure of the last day is looked for once in each of them, and
// again under each new epoch of this node, since another one may have written between two of them.
// Pure; one thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <vector>

#include "store/erasure.hpp"
#include "store/kafka/record.hpp"

namespace decklog::api {

class LateSearch {
  public:
    static constexpr std::int64_t kLateMicrosMax = 86'400'000'000;

    /// In log order, those of `logged` to look for in a partition that this node writes.
    [[nodiscard]] std::vector<store::LoggedErasure> due(
        std::uint32_t partition, std::int64_t epoch,
        const std::vector<store::LoggedErasure>& logged, std::int64_t now_us) {
        Searched& searched = searched_[partition];
        if (searched.epoch != epoch) searched = {epoch, 0};
        std::vector<store::LoggedErasure> found;
        std::copy_if(logged.begin(), logged.end(), std::back_inserter(found),
                     [&](const store::LoggedErasure& erasure) {
                         return erasure.recorded_at_us >= now_us - kLateMicrosMax &&
                                erasure.position.ordinal >= searched.before;
                     });
        return found;
    }

    /// Those that were due were looked for.
    void done(std::uint32_t partition, const std::vector<store::LoggedErasure>& were_due) {
        searched_[partition].before = were_due.back().position.ordinal + 1;
    }

  private:
    struct Searched {
        std::int64_t epoch = store::kafka::kNoEpoch;
        std::uint64_t before = 0;  // erasures that stand before it in partition 0
    };
    std::map<std::uint32_t, Searched> searched_;
};

}  // namespace decklog::api
