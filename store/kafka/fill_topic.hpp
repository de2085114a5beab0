// `decklog copy` into a topic with as many partitions as the ledger has: partition after partition,
// each by a TopicFiller. All of them are announced before the first is filled, so that no node
// begins one that is still empty, and all are let go together; every partition is forked to the
// same new id. Repeating it goes on from what is there. One thread.
#pragma once

#include <memory>
#include <vector>

#include "store/kafka/topic_filler.hpp"

namespace decklog::store::kafka {

class TopicFill {
  public:
    /// Makes or checks the topics and reads the logs that are there. `source` outlives it. Errors:
    /// invalid_argument (a weak topic, or one with another number of partitions), and those of
    /// TopicFiller::open.
    [[nodiscard]] static domain::Result<TopicFill> open(ClusterOptions cluster,
                                                        const Ledger& source,
                                                        std::uint32_t raw_days);

    /// Events of the source that the topic holds.
    [[nodiscard]] std::uint64_t present() const;
    /// The ledger goes on there already: nothing is left to do.
    [[nodiscard]] bool is_whole() const;

    /// What the ledger is called there. `source` takes nothing any more (end_ledger). Errors: those
    /// of TopicFiller.
    [[nodiscard]] domain::Result<domain::LedgerId> fill(const CopyProgress& progress, Clock& clock,
                                                        Random& random);

  private:
    explicit TopicFill(const Ledger& source) : source_(&source) {}

    const Ledger* source_;
    std::vector<std::unique_ptr<TopicFiller>> each_;  // by partition
};

}  // namespace decklog::store::kafka
