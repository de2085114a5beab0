// Verify: the log is read once and says what every index must hold; meanwhile the indexes are read
// once and say what they hold. Only where the two differ is anything searched.
#include "store/verify/verify.hpp"

#include <atomic>
#include <future>

#include "store/row_ledger.hpp"
#include "store/rows/commit_rows.hpp"
#include "store/verify/verify_index.hpp"

namespace decklog::store {
namespace {

std::optional<Fault> compare_heads(const RowReader& rows, std::uint32_t partition,
                                   const LogPass& log) {
    const auto stored = stored_head(rows, partition);
    const domain::Position last{partition,
                                log.head.next_ordinal == 0 ? 0 : log.head.next_ordinal - 1};
    if (!stored) return Fault{last, stored.error().context};
    if (!*stored || (*stored)->next_ordinal != log.head.next_ordinal) {
        return Fault{last, "the log does not end where its head says"};
    }
    if ((*stored)->chain != log.head.chain ||
        (*stored)->recorded_at_us != log.head.recorded_at_us) {
        return Fault{last, "the chain of the log is not the one of its head"};
    }
    const auto identity = stored_identity(rows);
    if (!identity) return Fault{last, identity.error().context};
    if (*identity != log.ledger) return Fault{last, "the ledger is not called what its log says"};
    return std::nullopt;
}

std::optional<Fault> compare_kept_heads(const RowReader& rows, std::uint32_t partition,
                                        const LogPass& log) {
    std::size_t met = 0;
    std::optional<Fault> fault;
    const KeyRange range{kept_head_key(partition, 0), kept_head_key(partition, kOrdinalMax)};
    const auto scanned =
        rows.scan(RowFamily::meta, range.begin, range.end, Order::ascending, Access::bulk,
                  [&](std::string_view key, std::string_view value) {
                      const std::uint64_t next = trailing_u64(key).value_or(0);
                      if (met < log.kept_heads.size() && log.kept_heads[met].next_ordinal == next &&
                          parse_chain(value) == log.kept_heads[met].chain) {
                          ++met;
                          return true;
                      }
                      fault = Fault{{partition, next - 1}, "a kept chain head differs"};
                      return false;
                  });
    if (!scanned) return Fault{{partition, 0}, scanned.error().context};
    if (!fault && met < log.kept_heads.size()) {
        fault = Fault{{partition, log.kept_heads[met].next_ordinal - 1},
                      "a kept chain head is missing"};
    }
    return fault;
}

std::optional<Fault> compare_indexes(const RowReader& rows, std::uint32_t partition, LogPass& log,
                                     IndexPass& index) {
    if (index.unread) return index.unread;
    for (const RowFamily family : kIndexFamilies) {
        if (!(log.demanded.of(family) == index.held.of(family)))
            return find_difference(rows, partition, family);
    }
    return index.fault;
}

std::optional<Fault> first_fault(const RowReader& rows, std::uint32_t partition, LogPass& log,
                                 IndexPass& index) {
    if (log.fault) return log.fault;
    if (auto fault = compare_heads(rows, partition, log)) return fault;
    if (auto fault = compare_kept_heads(rows, partition, log)) return fault;
    return compare_indexes(rows, partition, log, index);
}

}  // namespace

domain::Result<VerifyReport> verify(const Ledger& ledger, const VerifyProgressSink& progress) {
    const auto* over_rows = dynamic_cast<const RowLedger*>(&ledger);
    if (over_rows == nullptr) {
        return domain::fail(domain::ErrorCode::invalid_argument, "this ledger cannot be verified");
    }
    constexpr std::uint32_t kPartition = 0;
    const std::unique_ptr<RowReader> rows = over_rows->rows().snapshot();
    const RowSumKey key = RowSumKey::random();
    std::atomic<bool> ended{false};
    auto reading_indexes = std::async(
        std::launch::async, [&] { return pass_over_indexes(*rows, kPartition, key, ended); });
    LogPass log = pass_over_log(*rows, kPartition, key, progress);
    ended = log.ended;
    IndexPass index = reading_indexes.get();
    if (ended) return domain::fail(domain::ErrorCode::stopped, "the check was ended", true);

    VerifyReport report;
    report.frames = log.frames;
    report.events = log.events;
    report.bytes = log.bytes;
    report.chain = log.head.chain;
    report.streams = index.streams;
    report.commands = index.held.of(RowFamily::command).rows();
    for (const RowFamily family : kIndexFamilies) report.index_rows += index.held.of(family).rows();
    report.raw_bodies = index.raw_bodies;
    if (auto fault = first_fault(*rows, kPartition, log, index)) {
        report.first_bad = fault->position;
        report.problem = std::move(fault->problem);
    }
    return report;
}

}  // namespace decklog::store
