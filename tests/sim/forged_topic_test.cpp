// What a node makes of records that no writer of this release makes: it takes what stands before
// them and stops, one by one and in bulk alike.
#include <gtest/gtest.h>

#include "domain/limits.hpp"
#include "store/frame/succession.hpp"
#include "store/kafka/replica.hpp"
#include "store/ledger_start.hpp"
#include "tests/sim/node.hpp"

namespace decklog::sim {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts
using kafka::Fetched;
using kafka::Pace;
using kafka::Replica;

constexpr std::size_t kMany = 3'000;  // more than one thread looks at

class ForgedTopic : public testing::TestWithParam<Pace> {
  protected:
    ForgedTopic() {
        ledger_.bytes.fill(3);
        kafka::RecordHeader announce;
        announce.nonce.bytes.fill(7);
        add(kafka::encode_record(announce, kafka::encode_announcement({})));
        add(create_log(ledger_, 0, 1, domain::limits::kLogLevel, random_).frame);
    }

    /// A commit of one event of `stream`, at this version of it.
    void add_commit(std::uint64_t key, const std::string& stream, std::uint64_t version) {
        domain::NewEvent event;
        event.type = domain::EventType::clock_accepted;
        event.workspace = "default";
        event.stream = stream;
        const PlacedEvent placed{&event, domain::make_event_id(1, {}), version};
        domain::CommandKey command{};
        std::memcpy(command.bytes.data(), &key, sizeof key);
        add(Frame::encode(ledger_, {0, head_.next_ordinal}, head_.recorded_at_us + 1, command, {},
                          std::span(&placed, 1)));
    }
    void add_many() {
        for (std::size_t i = 1; i <= kMany; ++i) add_commit(i, "ext/a", i);
    }

    /// All records since the last call, as one batch; how many were taken.
    std::size_t apply() {
        const std::size_t taken = replica_->apply(records_, GetParam()).size();
        records_.clear();
        return taken;
    }
    std::string why_stopped() const {
        return replica_->stopped() ? replica_->stopped()->context : "it goes on";
    }

    MemoryRows rows_;
    std::vector<Fetched> records_;
    std::optional<Replica> replica_ = *Replica::recover(rows_, 0);

  private:
    void add(domain::Bytes record) { records_.push_back({next_offset_++, std::move(record), {}}); }
    void add(const FramePtr& frame) {
        kafka::RecordHeader header;
        header.kind = kafka::RecordKind::commit;
        header.epoch = 0;
        header.nonce.bytes.fill(7);
        header.seq = next_seq_++;
        header.first_position = head_.next_ordinal;
        header.prev_head = head_.chain;
        head_ = head_after(head_, *frame);
        add(kafka::encode_record(header, frame->bytes()));
    }

    Rng rng_{7};
    SeededRandom random_{rng_};
    domain::LedgerId ledger_;
    Head head_;
    std::uint64_t next_seq_ = 0;
    std::int64_t next_offset_ = 0;
};

TEST_P(ForgedTopic, IsTakenWhereNothingIsWrongWithIt) {
    add_many();
    EXPECT_EQ(apply(), kMany + 2) << why_stopped();
    EXPECT_EQ(replica_->head().next_ordinal, kMany + 1);
}

TEST_P(ForgedTopic, MayNotApplyAKeyOfTheSameBatchAgain) {
    add_many();
    add_commit(kMany / 2, "ext/a", kMany + 1);
    EXPECT_EQ(apply(), kMany + 2);
    EXPECT_NE(why_stopped().find("applies a command key for the second time"), std::string::npos)
        << why_stopped();
    EXPECT_EQ(replica_->head().next_ordinal, kMany + 1) << "what stands before it is kept";
}

TEST_P(ForgedTopic, MayNotApplyAKeyOfAnEarlierBatchAgain) {
    add_many();
    EXPECT_EQ(apply(), kMany + 2) << why_stopped();
    for (std::size_t i = kMany + 1; i <= 2 * kMany; ++i) add_commit(i, "ext/a", i);
    add_commit(kMany / 2, "ext/a", 2 * kMany + 1);
    EXPECT_EQ(apply(), kMany);
    EXPECT_NE(why_stopped().find("applies a command key for the second time"), std::string::npos)
        << why_stopped();
}

TEST_P(ForgedTopic, MayNotLeaveAVersionOut) {
    add_many();
    add_commit(kMany + 1, "ext/b", 1);
    add_commit(kMany + 2, "ext/b", 3);
    EXPECT_EQ(apply(), kMany + 3);
    EXPECT_NE(why_stopped().find("does not go on from its stream's version"), std::string::npos)
        << why_stopped();
}

TEST_P(ForgedTopic, StopsAtADamagedRecord) {
    add_many();
    records_[kMany / 2].bytes.back() ^= 1U;
    EXPECT_EQ(apply(), kMany / 2);
    EXPECT_NE(why_stopped().find("does not match its checksum"), std::string::npos)
        << why_stopped();
}

/// The record is whole, the frame in it is not.
TEST_P(ForgedTopic, StopsAtADamagedFrame) {
    add_many();
    Fetched& odd = records_[kMany / 2];
    const auto record = kafka::decode_record(odd.bytes);
    ASSERT_TRUE(record);
    domain::Bytes body(record->body.begin(), record->body.end());
    body.back() ^= 1U;
    odd.bytes = kafka::encode_record(record->header, body);
    EXPECT_EQ(apply(), kMany / 2);
    EXPECT_NE(why_stopped().find("offset " + std::to_string(kMany / 2) + ": "), std::string::npos)
        << why_stopped();
}

INSTANTIATE_TEST_SUITE_P(, ForgedTopic, testing::Values(Pace::live, Pace::bulk),
                         [](const auto& pace) {
                             return std::string(pace.param == Pace::bulk ? "InBulk" : "OneByOne");
                         });

}  // namespace
}  // namespace decklog::sim
