#include "store/copy/source.hpp"

#include <thread>

#include "store/frame/frame.hpp"
#include "store/row_ledger.hpp"
#include "store/rows/keys.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;

constexpr std::chrono::milliseconds kAskAgain{100};

/// Where the log says that it goes on; nullopt: here.
domain::Result<std::optional<domain::MoveTarget>> moved_to(const LogReader& log,
                                                           std::uint32_t partition) {
    const std::uint64_t next = log.head(partition).next_ordinal;
    if (next == 0) return std::optional<domain::MoveTarget>{};
    const auto last = log.frame_at({partition, next - 1});
    if (!last) return tl::unexpected(last.error());
    return domain::move_of((*last)->event(0));
}

/// May be asked again: nothing was done.
bool is_for_later(const Answer& answer) {
    return !answer && (answer.error().kind == Refused::not_owner ||
                       answer.error().kind == Refused::queue_full);
}

Answer submit_move(Ledger& ledger, const domain::MoveTarget& to, const domain::LedgerOrder& order) {
    std::vector<Submission> submissions(1);
    submissions[0].intent = domain::move_ledger({order, to});
    submissions[0].frees_or_protects = true;  // a full disk is a reason to move
    return submit_and_wait(ledger, order.partition, std::move(submissions)).front();
}

domain::Result<void> end_partition(Ledger& ledger, const domain::MoveTarget& to,
                                   const domain::LedgerOrder& order,
                                   std::chrono::milliseconds patience) {
    const auto before = moved_to(ledger, order.partition);
    if (!before) return tl::unexpected(before.error());
    if (*before && **before != to) {
        return domain::fail(ErrorCode::invalid_argument,
                            "this ledger was moved to the " + (*before)->kind + " " +
                                (*before)->name + "; finish that, or take it back first");
    }
    if (*before) return {};
    const auto until = std::chrono::steady_clock::now() + patience;
    Answer answer = submit_move(ledger, to, order);
    while (is_for_later(answer) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kAskAgain);
        answer = submit_move(ledger, to, order);
    }
    if (answer) return {};
    const Refusal& refusal = answer.error();
    if (refusal.kind == Refused::not_owner) {
        return domain::fail(ErrorCode::io,
                            "another node writes this log; stop all nodes, then repeat", true);
    }
    return domain::fail(ErrorCode::io,
                        "the move could not be recorded: " + refusal.rejection.message);
}

}  // namespace

const RowStore* rows_of(const Ledger& ledger) {
    const auto* over_rows = dynamic_cast<const RowLedger*>(&ledger);
    return over_rows == nullptr ? nullptr : &over_rows->rows();
}

std::uint64_t events_in(const LogReader& log) {
    std::uint64_t events = 0;
    for (std::uint32_t partition = 0; partition < log.partitions(); ++partition)
        events += log.head(partition).next_ordinal;
    return events;
}

domain::Result<void> end_ledger(Ledger& ledger, const domain::MoveTarget& to,
                                const domain::LedgerOrder& order,
                                std::chrono::milliseconds patience) {
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition) {
        domain::LedgerOrder its_order = order;
        its_order.partition = partition;
        if (auto ended = end_partition(ledger, to, its_order, patience); !ended) return ended;
    }
    return {};
}

domain::Result<void> each_raw_body(const RowReader& rows, std::uint32_t partition,
                                   const KeyValueSink& sink) {
    const KeyRange all = whole_partition(partition);
    return rows.scan(RowFamily::raw, all.begin, all.end, Order::ascending, Access::bulk, sink);
}

}  // namespace decklog::store
