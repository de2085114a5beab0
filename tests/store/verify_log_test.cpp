// One pass over a log that somebody wrote: whose frame is it (a ledger's name changes at
// LedgerForked and nowhere else), and is it the same pass wherever its chunks end?
#include <gtest/gtest.h>

#include "domain/ledger/lineage.hpp"
#include "domain/payload.hpp"
#include "store/frame/frame.hpp"
#include "store/limits.hpp"
#include "store/rows/memory_rows.hpp"
#include "store/verify/verify_log.hpp"

namespace decklog::store {
namespace verify_log_test {

domain::LedgerId id(std::uint8_t first) { return domain::LedgerId{{first}}; }

std::unique_ptr<fb::Key16> key16(const domain::LedgerId& ledger) {
    auto key = std::make_unique<fb::Key16>();
    std::memcpy(key.get(), ledger.bytes.data(), ledger.bytes.size());
    return key;
}

domain::NewEvent event(domain::EventType type, domain::Bytes payload = {}) {
    domain::NewEvent made;
    made.type = type;
    made.stream = "ledger/0";
    made.payload = std::move(payload);
    return made;
}

domain::NewEvent created(const domain::LedgerId& ledger) {
    fb::LedgerCreatedT payload;
    payload.ledger_id = key16(ledger);
    return event(domain::EventType::ledger_created, domain::encode_payload(payload));
}

domain::NewEvent forked(const domain::LedgerId& from, const domain::LedgerId& to) {
    fb::LedgerForkedT payload;
    payload.from_ledger_id = key16(from);
    payload.ledger_id = key16(to);
    return event(domain::EventType::ledger_forked, domain::encode_payload(payload));
}

domain::NewEvent other() { return event(domain::EventType::clock_accepted); }

/// A log of frames as somebody might have written it.
class ForgedLog : public testing::Test {
  protected:
    void add(const domain::LedgerId& writer, const std::vector<domain::NewEvent>& events) {
        std::vector<PlacedEvent> placed;
        for (const domain::NewEvent& one : events)
            placed.push_back({&one, domain::make_event_id(1, {}), ++version_});
        const FramePtr frame = Frame::encode(writer, {0, next_}, static_cast<std::int64_t>(++time_),
                                             std::nullopt, {}, placed);
        const auto batch = rows_.new_batch();
        batch->put(RowFamily::log, log_key(frame->first()),
                   {reinterpret_cast<const char*>(frame->bytes().data()), frame->bytes().size()});
        ASSERT_TRUE(rows_.commit(*batch));
        next_ += events.size();
    }
    LogPass pass() { return pass_over_log(rows_, 0, key_, {}); }
    std::string problem() {
        const LogPass found = pass();
        return found.fault
                   ? std::to_string(found.fault->position.ordinal) + " " + found.fault->problem
                   : "";
    }

    MemoryRows rows_;
    const RowSumKey key_ = RowSumKey::random();
    std::uint64_t next_ = 0, version_ = 0, time_ = 0;
};

TEST_F(ForgedLog, TakesTwoForksInARow) {
    add(id(1), {created(id(1))});
    add(id(1), {other()});
    add(id(2), {forked(id(1), id(2))});
    add(id(3), {forked(id(2), id(3))});
    add(id(3), {other()});
    EXPECT_EQ(problem(), "");
    EXPECT_EQ(pass().ledger, id(3));
}

TEST_F(ForgedLog, RefusesAFrameOfAnotherLedger) {
    add(id(1), {created(id(1))});
    add(id(2), {other()});
    EXPECT_EQ(problem(), "1 the frame belongs to another ledger");
}

TEST_F(ForgedLog, RefusesAFrameWithTheOldIdAfterTheFork) {
    add(id(1), {created(id(1))});
    add(id(2), {forked(id(1), id(2))});
    add(id(1), {other()});
    EXPECT_EQ(problem(), "2 the frame belongs to another ledger");
}

TEST_F(ForgedLog, RefusesAForkWhoseFrameBearsTheOldId) {
    add(id(1), {created(id(1))});
    add(id(1), {forked(id(1), id(2))});
    EXPECT_EQ(problem(), "1 the frame belongs to another ledger");
}

TEST_F(ForgedLog, RefusesAForkFromAnotherLedger) {
    add(id(1), {created(id(1))});
    add(id(2), {forked(id(9), id(2))});
    EXPECT_EQ(problem(), "1 LedgerForked does not follow from this ledger");
}

TEST_F(ForgedLog, RefusesAForkThatSharesItsFrame) {
    add(id(1), {created(id(1))});
    add(id(2), {forked(id(1), id(2)), other()});
    EXPECT_EQ(problem(), "1 LedgerForked does not follow from this ledger");
}

TEST_F(ForgedLog, RefusesABeginningWithoutALedger) {
    add(id(1), {other()});
    EXPECT_EQ(problem(), "0 the log does not begin with LedgerCreated");
}

// Frames are checked in chunks at once, and taken in order.
TEST_F(ForgedLog, GivesTheChainAndTheCountsWhateverTheChunks) {
    add(id(1), {created(id(1))});
    while (version_ < 3 * limits::kVerifyChunkFrames + 5) add(id(1), {other(), other()});
    domain::Bytes32 chain{};
    std::uint64_t frames = 0;
    ASSERT_TRUE(read_frames(rows_, {0, 0}, [&](const FramePtr& frame) {
        chain = chain_step(chain, *frame);
        return ++frames > 0;
    }));
    LogPass whole = pass();
    EXPECT_FALSE(whole.fault.has_value());
    EXPECT_EQ(whole.head.chain, chain);
    EXPECT_EQ(whole.frames, frames);
    EXPECT_EQ(whole.events, next_);
    EXPECT_EQ(whole.demanded.of(RowFamily::stream).rows(), next_);
    LogPass alone = pass_over_log(rows_, 0, key_, {}, Demands::leave_out);
    EXPECT_EQ(alone.head.chain, chain);
    EXPECT_EQ(alone.demanded.of(RowFamily::stream).rows(), 0U);
}

TEST_F(ForgedLog, NamesTheFirstFaultThoughALaterChunkHasOneToo) {
    add(id(1), {created(id(1))});
    const auto add_many = [this] {
        for (std::size_t i = 0; i < limits::kVerifyChunkFrames; ++i) add(id(1), {other()});
    };
    add_many();
    const std::uint64_t first = next_;
    add(id(2), {other()});
    add_many();
    const auto batch = rows_.new_batch();
    batch->put(RowFamily::log, log_key({0, next_}), "no frame");
    ASSERT_TRUE(rows_.commit(*batch));
    EXPECT_EQ(problem(), std::to_string(first) + " the frame belongs to another ledger");
}

}  // namespace verify_log_test
}  // namespace decklog::store
