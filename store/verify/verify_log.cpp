#include "store/verify/verify_log.hpp"

#include "domain/ledger/lineage.hpp"
#include "store/frame/frame_header.hpp"
#include "store/rows/commit_rows.hpp"

namespace decklog::store {
namespace {

constexpr std::uint64_t kProgressEveryFrames = 16'384;

class Pass {
  public:
    Pass(std::uint32_t partition, const RowSumKey& key) : result(key), partition_(partition) {}

    /// False ends the pass.
    bool take(std::string_view key, std::string_view value) {
        auto frame =
            Frame::decode({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
        if (!frame) return fault(frame.error().context);
        if (key != log_key((*frame)->first()).view())
            return fault("the frame stands under another position");
        if (!check(**frame)) return false;
        add(**frame);
        return true;
    }
    bool fault(std::string problem) {
        result.fault = Fault{{partition_, result.head.next_ordinal}, std::move(problem)};
        return false;
    }

    LogPass result;

  private:
    bool check(const Frame& frame) {
        if (frame.first().ordinal != result.head.next_ordinal)
            return fault("positions are not dense");
        if (frame.header().recorded_at_us <= result.head.recorded_at_us)
            return fault("recorded_at went back");
        return check_writer(frame);
    }

    /// A frame bears the id of the ledger that wrote it. The two events that give an id stand first
    /// in their frame, which bears the id they give; nothing else changes it.
    bool check_writer(const Frame& frame) {
        const domain::EventView event = frame.event(0);
        if (frame.first().ordinal == 0) {
            const auto created = domain::created_id_of(event);
            if (!created) return fault("the log does not begin with LedgerCreated");
            result.ledger = *created;
        } else if (event.is(domain::EventType::ledger_forked)) {
            const auto fork = domain::fork_of(event);
            if (!fork || fork->from != result.ledger || frame.event_count() != 1)
                return fault("LedgerForked does not follow from this ledger");
            result.ledger = fork->to;
        }
        if (frame.header().ledger != ledger_prefix(result.ledger))
            return fault("the frame belongs to another ledger");
        return true;
    }

    void add(const Frame& frame) {
        const std::uint64_t first = result.head.next_ordinal;
        result.head = {first + frame.event_count(), frame.header().recorded_at_us,
                       chain_step(result.head.chain, frame)};
        if (keeps_head(first, result.head.next_ordinal)) {
            result.kept_heads.push_back({result.head.next_ordinal, result.head.chain});
        }
        ++result.frames;
        result.events += frame.event_count();
        result.bytes += frame.bytes().size();
        for_each_index_row(
            frame, [this](RowFamily family, std::string_view key, std::string_view value) {
                static_cast<void>(result.demanded.of(family).add(key, value));  // our own rows fit
            });
    }

    const std::uint32_t partition_;
};

}  // namespace

FamilySums::FamilySums(const RowSumKey& key) : sums(kRowFamilyNames.size(), RowSum(key)) {}

LogPass pass_over_log(const RowReader& rows, std::uint32_t partition, const RowSumKey& key,
                      const VerifyProgressSink& progress) {
    auto stored = stored_head(rows, partition);
    const std::uint64_t total = stored && *stored ? (*stored)->next_ordinal : 0;
    Pass pass(partition, key);
    const KeyRange range = whole_partition(partition);
    auto scanned = rows.scan(
        RowFamily::log, range.begin, range.end, Order::ascending, Access::bulk,
        [&](std::string_view row_key, std::string_view value) {
            if (!pass.take(row_key, value)) return false;
            if (progress && pass.result.frames % kProgressEveryFrames == 0) {
                pass.result.ended = !progress({pass.result.frames, pass.result.events, total});
            }
            return !pass.result.ended;
        });
    if (!scanned) static_cast<void>(pass.fault(scanned.error().context));
    if (progress && !pass.result.ended)
        pass.result.ended = !progress({pass.result.frames, pass.result.events, total});
    return std::move(pass.result);
}

}  // namespace decklog::store
