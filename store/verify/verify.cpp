// Verify: a log is read once and says what every index must hold; meanwhile the indexes are read
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
    const auto identity = stored_identity(rows, partition);
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

/// What the partitions before it came to, for whoever watches all of them.
VerifyProgressSink counted_on(const VerifyReport& before, std::uint64_t events_total,
                              const VerifyProgressSink& progress) {
    if (!progress) return {};
    return [&before, events_total, &progress](const VerifyProgress& seen) {
        return progress({before.frames + seen.frames, before.events + seen.events, events_total});
    };
}

void add(VerifyReport& report, const LogPass& log, IndexPass& index) {
    report.frames += log.frames;
    report.events += log.events;
    report.bytes += log.bytes;
    report.heads.push_back(log.head);
    report.streams += index.streams;
    report.commands += index.held.of(RowFamily::command).rows();
    for (const RowFamily family : kIndexFamilies) report.index_rows += index.held.of(family).rows();
    report.raw_bodies += index.raw_bodies;
}

/// Is it called what partition 0 is called at its end? One that a fork has reached before it, since
/// partition 0 is forked last, goes by the next name already.
std::optional<Fault> compare_names(std::uint32_t partition, const LogPass& log,
                                   const domain::LedgerId& ledger) {
    if (log.ledger == ledger || log.forked_from == ledger) return std::nullopt;
    return Fault{{partition, log.head.next_ordinal - 1},
                 "the partition is of another ledger than partition 0"};
}

/// What it finds wrong stands in the report, which it adds to. Nothing: `progress` ended it.
std::optional<domain::LedgerId> verify_partition(const RowReader& rows, std::uint32_t partition,
                                                 const std::optional<domain::LedgerId>& ledger,
                                                 const VerifyProgressSink& progress,
                                                 VerifyReport& report) {
    const RowSumKey key = RowSumKey::random();
    std::atomic<bool> ended{false};
    auto reading_indexes = std::async(
        std::launch::async, [&] { return pass_over_indexes(rows, partition, key, ended); });
    LogPass log = pass_over_log(rows, partition, key, progress);
    ended = log.ended;
    IndexPass index = reading_indexes.get();
    if (ended) return std::nullopt;
    add(report, log, index);
    auto fault = first_fault(rows, partition, log, index);
    if (!fault && ledger) fault = compare_names(partition, log, *ledger);
    if (fault) {
        report.first_bad = fault->position;
        report.problem = std::move(fault->problem);
    }
    return log.ledger;
}

}  // namespace

domain::Result<VerifyReport> verify(const Ledger& ledger, const VerifyProgressSink& progress) {
    const auto* over_rows = dynamic_cast<const RowLedger*>(&ledger);
    if (over_rows == nullptr) {
        return domain::fail(domain::ErrorCode::invalid_argument, "this ledger cannot be verified");
    }
    const std::unique_ptr<RowReader> rows = over_rows->rows().snapshot();
    std::uint64_t events_total = 0;
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition) {
        // One that cannot be read is a fault, which its own pass names.
        const auto stored = stored_head(*rows, partition);
        if (stored && *stored) events_total += (*stored)->next_ordinal;
    }
    VerifyReport report;
    std::optional<domain::LedgerId> name;
    for (std::uint32_t partition = 0; partition < ledger.partitions() && report.ok(); ++partition) {
        const VerifyReport before = report;
        const auto found = verify_partition(*rows, partition, name,
                                            counted_on(before, events_total, progress), report);
        if (!found) return domain::fail(domain::ErrorCode::stopped, "the check was ended", true);
        if (!name) name = found;
    }
    return report;
}

}  // namespace decklog::store
