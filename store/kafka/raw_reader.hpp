// Puts the raw bodies of `<topic>.raw` into this node's rows, and erases what it says is erased. A
// body lands there before the commit that refers to it, so a node may have either first. What a
// node has is what the topic kept; bodies past their days are left out. The partition thread's.
#pragma once

#include "store/kafka/kafka_consumer.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store::kafka {

class RawReader {
  public:
    /// Goes on where the rows say, or where the topic begins by now. `rows` and `bell` outlive it.
    /// Errors: invalid_argument, corrupt, io (retryable).
    [[nodiscard]] static domain::Result<RawReader> open(const ClusterOptions& options,
                                                        RowStore& rows, std::uint32_t partition,
                                                        Bell& bell);

    /// Takes what has come. Bodies of days before `first_kept` are left out. Errors: io; corrupt.
    [[nodiscard]] domain::Result<void> apply(std::uint32_t first_kept);
    /// Erases the bodies of the days before `first_kept`. Errors: io.
    [[nodiscard]] domain::Result<void> sweep(std::uint32_t first_kept);

  private:
    RawReader(KafkaConsumer consumer, RowStore& rows, std::uint32_t partition)
        : consumer_(std::move(consumer)), rows_(&rows), partition_(partition) {}
    [[nodiscard]] domain::Result<void> find_place();

    KafkaConsumer consumer_;
    RowStore* rows_;
    std::uint32_t partition_;
    std::int64_t next_offset_ = 0;
};

}  // namespace decklog::store::kafka
