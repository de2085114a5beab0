#include "store/kafka/fill_topic.hpp"

#include <algorithm>

#include "store/fork/fork_frame.hpp"
#include "store/kafka/kafka_ledger.hpp"

namespace decklog::store::kafka {

domain::Result<TopicFill> TopicFill::open(ClusterOptions cluster, const Ledger& source,
                                          std::uint32_t raw_days) {
    cluster.partitions = source.partitions();
    if (auto made = make_topics(cluster, raw_days); !made)
        return tl::unexpected(std::move(made).error());
    TopicFill fill(source);
    for (std::uint32_t partition = 0; partition < source.partitions(); ++partition) {
        auto filler = TopicFiller::open(cluster, source, partition);
        if (!filler) return tl::unexpected(std::move(filler).error());
        fill.each_.push_back(std::move(*filler));
    }
    return fill;
}

std::uint64_t TopicFill::present() const {
    std::uint64_t present = 0;
    for (std::uint32_t partition = 0; partition < each_.size(); ++partition) {
        present += std::min(each_[partition]->present(), source_->head(partition).next_ordinal);
    }
    return present;
}

bool TopicFill::is_whole() const {
    return std::all_of(each_.begin(), each_.end(),
                       [](const auto& filler) { return filler->is_whole(); });
}

domain::Result<domain::LedgerId> TopicFill::fill(const CopyProgress& progress, Clock& clock,
                                                 Random& random) {
    std::optional<domain::LedgerId> id;
    for (const auto& filler : each_) {
        if (!id) id = filler->forked();  // of an earlier try
    }
    if (!id) id = fork_id(source_->ledger_id(), random);
    std::vector<TopicFiller*> unfinished;
    for (const auto& filler : each_) {
        if (!filler->is_whole()) unfinished.push_back(filler.get());
    }
    for (TopicFiller* filler : unfinished) {
        if (auto begun = filler->begin(random); !begun)
            return tl::unexpected(std::move(begun).error());
    }
    const std::uint64_t total = events_in(*source_);
    const CopyProgress of_all = [&](std::uint64_t, std::uint64_t) {
        if (progress) progress(present(), total);
    };
    for (TopicFiller* filler : unfinished) {
        if (auto filled = filler->fill(*id, of_all, clock, random); !filled)
            return tl::unexpected(std::move(filled).error());
    }
    for (TopicFiller* filler : unfinished) {
        if (auto gone = filler->let_go(random); !gone)
            return tl::unexpected(std::move(gone).error());
    }
    return *id;
}

}  // namespace decklog::store::kafka
