// A writer's own commits on their way back: taken as they were made where the topic holds the same
// bytes, and as the topic says where it does not.
#include "store/kafka/topic_log.hpp"

#include <gtest/gtest.h>

#include "domain/limits.hpp"
#include "store/ledger_start.hpp"
#include "tests/sim/node.hpp"

namespace decklog::sim {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts

class OwnCommits : public testing::Test {
  protected:
    OwnCommits() {
        kafka::RecordHeader announce;
        announce.nonce.bytes.fill(7);
        EXPECT_TRUE(take(kafka::encode_record(announce, kafka::encode_announcement({}))));
    }
    FramePtr beginning(std::int64_t now_us) {
        domain::LedgerId ledger;
        ledger.bytes.fill(3);
        return create_log(ledger, 0, now_us, domain::limits::kLogLevel, random_).frame;
    }
    domain::Result<kafka::Step> take(domain::Bytes record) {
        return log_.take({next_offset_++, std::move(record)},
                         {[](const kafka::Nonce&) { return domain::Result<bool>(false); },
                          [](const FramePtr&, const Head&) { return domain::Result<void>(); },
                          [this](const Head& before) { return made_behind(before); }});
    }
    domain::Result<kafka::Step> take_commit(const Frame& frame) {
        kafka::RecordHeader header;
        header.kind = kafka::RecordKind::commit;
        header.epoch = 0;  // the announce is the first record
        header.nonce.bytes.fill(7);
        return take(kafka::encode_record(header, frame.bytes()));
    }
    std::optional<Made> made_behind(const Head& before) const {
        if (made_ == nullptr || before.next_ordinal != 0) return std::nullopt;
        return Made{made_, head_after({}, *made_)};
    }

    Rng rng_{7};
    SeededRandom random_{rng_};
    kafka::TopicLog log_{0};
    FramePtr made_;
    std::int64_t next_offset_ = 0;
};

TEST_F(OwnCommits, AreTakenAsTheyWereMade) {
    made_ = beginning(1'000);
    const auto step = take_commit(*made_);
    ASSERT_TRUE(step) << step.error().context;
    EXPECT_EQ(step->frame, made_) << "not decoded again";
    EXPECT_EQ(log_.head().chain, head_after({}, *made_).chain);
}

TEST_F(OwnCommits, AreNeverTakenForWhatTheTopicHoldsInstead) {
    made_ = beginning(1'000);
    const FramePtr other = beginning(2'000);
    const auto step = take_commit(*other);
    ASSERT_TRUE(step) << step.error().context;
    EXPECT_EQ(step->frame->header().recorded_at_us, 2'000);
    EXPECT_EQ(log_.head().chain, head_after({}, *other).chain);
}

TEST_F(OwnCommits, AreKnownWhereverTheLogHasComeTo) {
    contract::FakeClock clock;
    const auto ledger = make_memory_ledger({});
    MemoryRows rows;
    Overlay overlay(rows, 0);
    overlay.begin({}, {});
    std::vector<Head> ends{Head{}};
    for (int i = 0; i < 5; ++i) {
        std::vector<Submission> one{contract::append("ext/a")};
        ASSERT_TRUE(submit_and_wait(*ledger, 0, std::move(one)).front());
    }
    ASSERT_TRUE(ledger->read({0, 0}, [&](const FramePtr& frame) {
        const domain::Bytes16 stream{};
        overlay.append(frame, std::span(&stream, 1));
        ends.push_back(overlay.head());
        return true;
    }));
    for (std::size_t settled = 0; settled < 3; ++settled) {
        for (std::size_t at = settled; at + 1 < ends.size(); ++at) {
            const auto made = overlay.made_behind(ends[at]);
            ASSERT_TRUE(made) << at;
            EXPECT_EQ(made->frame->first().ordinal, ends[at].next_ordinal);
            EXPECT_EQ(made->after.chain, ends[at + 1].chain);
        }
        EXPECT_FALSE(overlay.made_behind(ends.back())) << "nothing was decided there";
        Head other = ends[settled + 1];
        other.chain[0] ^= 1U;
        EXPECT_FALSE(overlay.made_behind(other)) << "another history";
        overlay.settle(1);
        EXPECT_FALSE(overlay.made_behind(ends[settled])) << "it stands in the rows";
    }
}

}  // namespace
}  // namespace decklog::sim
