#include "store/verify/verify_log.hpp"

#include <deque>
#include <future>
#include <memory>
#include <utility>

#include "domain/ledger/lineage.hpp"
#include "store/frame/chain.hpp"
#include "store/frame/frame_header.hpp"
#include "store/limits.hpp"

namespace decklog::store {
namespace {

constexpr std::uint64_t kProgressEveryFrames = 16'384;

/// What needs the frames before: in order.
class Pass {
  public:
    Pass(std::uint32_t partition, const RowSumKey& key, const VerifyProgressSink& progress,
         std::uint64_t events_total)
        : result(key), partition_(partition), progress_(progress), events_total_(events_total) {}

    /// False ends the pass.
    bool take(const CheckedChunk& chunk) {
        for (const CheckedFrame& checked : chunk.frames) {
            if (!check(checked)) return false;
            add(checked);
            if (result.frames % kProgressEveryFrames == 0 && !go_on()) return false;
        }
        if (!chunk.problem.empty()) return fault(chunk.problem);
        result.demanded.add(chunk.demanded);
        return true;
    }
    bool fault(std::string problem) {
        result.fault = Fault{{partition_, result.head.next_ordinal}, std::move(problem)};
        return false;
    }
    bool go_on() {
        result.ended = progress_ && !progress_({result.frames, result.events, events_total_});
        return !result.ended;
    }

    LogPass result;

  private:
    bool check(const CheckedFrame& checked) {
        if (checked.header.first_position != result.head.next_ordinal)
            return fault("positions are not dense");
        if (checked.header.recorded_at_us <= result.head.recorded_at_us)
            return fault("recorded_at went back");
        if (checked.frame && !take_name(*checked.frame)) return false;
        if (checked.header.ledger != ledger_prefix(result.ledger))
            return fault("the frame belongs to another ledger");
        return true;
    }

    /// A frame bears the id of the ledger that wrote it. The two events that give an id stand first
    /// in their frame, which bears the id they give; nothing else changes it.
    bool take_name(const Frame& frame) {
        const domain::EventView event = frame.event(0);
        if (frame.first().ordinal == 0) {
            const auto created = domain::created_id_of(event);
            if (!created) return fault("the log does not begin with LedgerCreated");
            result.ledger = *created;
            return true;
        }
        const auto fork = domain::fork_of(event);
        if (!fork || fork->from != result.ledger || frame.event_count() != 1)
            return fault("LedgerForked does not follow from this ledger");
        result.forked_from = fork->from;
        result.ledger = fork->to;
        return true;
    }

    void add(const CheckedFrame& checked) {
        const std::uint64_t first = result.head.next_ordinal;
        result.head = {
            first + checked.header.event_count, checked.header.recorded_at_us,
            chain_step(result.head.chain, checked.bytes.first<kHeaderBytes>(), checked.body)};
        if (keeps_head(first, result.head.next_ordinal)) {
            result.kept_heads.push_back({result.head.next_ordinal, result.head.chain});
        }
        ++result.frames;
        result.events += checked.header.event_count;
        result.bytes += checked.bytes.size();
    }

    const std::uint32_t partition_;
    const VerifyProgressSink& progress_;
    const std::uint64_t events_total_;
};

/// Chunks on their way, the oldest first: checked at once, taken in order.
class Ahead {
  public:
    Ahead(Pass& pass, const RowSumKey& key, Demands demands)
        : pass_(pass), key_(key), demands_(demands) {}

    /// Where the next rows go.
    [[nodiscard]] LogChunk& next() { return next_; }
    /// Its rows are there. False: the pass has ended.
    bool push() {
        const auto check = [this, rows = std::make_shared<LogChunk>(std::move(next_))] {
            return check_chunk(std::move(*rows), key_, demands_);
        };
        // On this thread, when its turn comes, where the system has no thread to give.
        checking_.push_back(std::async(std::launch::async | std::launch::deferred, check));
        next_ = {};
        return checking_.size() < limits::kVerifyChunksAhead || take_oldest();
    }
    bool take_all() {
        while (!checking_.empty()) {
            if (!take_oldest()) return false;
        }
        return true;
    }

  private:
    bool take_oldest() {
        CheckedChunk chunk = checking_.front().get();
        checking_.pop_front();
        const bool going_on = pass_.take(chunk);
        next_ = std::move(chunk.rows);
        next_.clear();
        return going_on;
    }

    Pass& pass_;
    const RowSumKey& key_;
    const Demands demands_;
    LogChunk next_;
    std::deque<std::future<CheckedChunk>> checking_;
};

}  // namespace

LogPass pass_over_log(const RowReader& rows, std::uint32_t partition, const RowSumKey& key,
                      const VerifyProgressSink& progress, Demands demands) {
    auto stored = stored_head(rows, partition);
    Pass pass(partition, key, progress, stored && *stored ? (*stored)->next_ordinal : 0);
    Ahead ahead(pass, key, demands);
    bool going_on = true;
    const KeyRange range = whole_partition(partition);
    const auto scanned =
        rows.scan(RowFamily::log, range.begin, range.end, Order::ascending, Access::bulk,
                  [&](std::string_view row_key, std::string_view value) {
                      ahead.next().add(row_key, value);
                      if (ahead.next().full()) going_on = ahead.push();
                      return going_on;
                  });
    going_on = going_on && ahead.push() && ahead.take_all();
    if (going_on && !scanned) going_on = pass.fault(scanned.error().context);
    if (!pass.result.ended) static_cast<void>(pass.go_on());
    return std::move(pass.result);
}

}  // namespace decklog::store
