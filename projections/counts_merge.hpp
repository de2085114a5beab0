// The merge operator of the views' families: adds packed counts. Because the sum of packed counts
// has one form in bytes, RocksDB may group the operands as it likes. An operand that is not
// canonical fails the read or the compaction (Corruption), it is never guessed at. Thread-safe,
// stateless.
#pragma once

#include <memory>

#include <rocksdb/merge_operator.h>

namespace decklog::projections {

[[nodiscard]] std::shared_ptr<rocksdb::MergeOperator> counts_merge_operator();

}  // namespace decklog::projections
