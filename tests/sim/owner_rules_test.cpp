// The clauses of the cluster's rule one by one, where the simulation shows only that they hold
// together.
#include <gtest/gtest.h>

#include "tests/sim/node.hpp"

namespace decklog::sim {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts

class OwnerRules : public testing::Test {
  protected:
    OwnerRules() {
        node_.behaves = true;
        node_.owner().own();
    }

    /// The node's producer has landed all, and the node has heard of it and read it.
    void turn_over() {
        for (int i = 0; i < 4; ++i) {
            node_.tick(false);
            node_.decide();
            land();
            report();
            node_.fetch(100);
        }
    }
    void land() {
        for (int i = 0; i < 16; ++i) node_.produce_one();
    }
    void report() {
        for (int i = 0; i < 16; ++i) node_.report_one();
    }
    void submit(Submission submission) {
        node_.submit(std::move(submission),
                     [this](const Answer& answer) { answers_.push_back(answer); });
        node_.decide();
    }
    void submit_call(std::vector<Submission> submissions) {
        node_.submit_call(std::move(submissions), [](std::vector<Answer>) {});
        node_.decide();
    }
    void submit(const std::string& stream) { submit(contract::append(stream)); }
    [[nodiscard]] std::int64_t epoch() const { return node_.replica().state().live->offset; }

    Rng rng_{7};
    contract::FakeClock clock_;
    Topic topic_;
    Node node_{topic_, rng_, clock_, 1};
    std::vector<Answer> answers_;
};

TEST_F(OwnerRules, AnswersWhenItsRecordIsAppliedAndReported) {
    turn_over();
    submit("ext/a");
    land();
    node_.fetch(100);
    EXPECT_TRUE(answers_.empty()) << "applied, and not reported";
    report();
    ASSERT_EQ(answers_.size(), 1U);
    submit("ext/a");
    land();
    report();
    EXPECT_EQ(answers_.size(), 1U) << "reported, and not applied";
    node_.fetch(100);
    EXPECT_EQ(answers_.size(), 2U);
}

TEST_F(OwnerRules, AnEpochBeginsWithARecordThatSaysItsHistoryEvenWhenNothingIsAsked) {
    turn_over();  // makes the ledger
    node_.crash();
    node_.boot();
    const std::int64_t end = topic_.end();
    node_.owner().own();
    turn_over();
    ASSERT_TRUE(node_.owner().is_live());
    EXPECT_EQ(topic_.end(), end + 2) << "the announce, and one barrier";
    turn_over();
    EXPECT_EQ(topic_.end(), end + 2) << "once";
}

TEST_F(OwnerRules, ARawBodyGoesBeforeTheCommitsThatReferToItAndOnceForAllItemsOfACall) {
    turn_over();
    const auto raw = std::make_shared<RawBody>();
    raw->ref.day = 20'000;
    raw->sealed = {1, 2, 3};
    const auto carrying = [&raw](std::uint8_t number) {
        Submission submission = contract::keyed(contract::append("ext/a"), contract::key(number),
                                                contract::hash(number));
        submission.raw = raw;
        return submission;
    };
    submit_call({carrying(1), carrying(2)});
    ASSERT_EQ(node_.producer().raw.size(), 1U);
    EXPECT_TRUE(node_.producer().raw[0].is_kept);
    EXPECT_EQ(node_.producer().raw[0].records_before, 0U);
    turn_over();
    submit_call({carrying(2)});
    EXPECT_EQ(node_.producer().raw.size(), 1U) << "a repeat keeps nothing";
    Submission erasing = contract::append("ext/a");
    erasing.erase_raw = {raw->ref};
    submit_call({erasing});
    ASSERT_EQ(node_.producer().raw.size(), 2U);
    EXPECT_FALSE(node_.producer().raw[1].is_kept);
    EXPECT_EQ(node_.producer().raw[1].ref.day, 20'000U);
}

TEST_F(OwnerRules, ARefusalWaitsForARecordProducedAfterIt) {
    turn_over();
    const std::int64_t end = topic_.end();
    Submission refused = contract::append("ext/a");
    refused.expected = {ExpectedVersion::Kind::exact, 9, {"default", "ext/a"}};
    submit(refused);
    EXPECT_TRUE(answers_.empty());
    land();
    EXPECT_EQ(topic_.end(), end + 1) << "one barrier";
    report();
    node_.fetch(100);
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].error().kind, Refused::version_conflict);
}

TEST_F(OwnerRules, DecisionsRunAheadOfTheLog) {
    turn_over();
    for (int i = 0; i < 5; ++i) submit("ext/a");
    EXPECT_TRUE(answers_.empty());
    land();
    report();
    node_.fetch(100);
    ASSERT_EQ(answers_.size(), 5U);
    EXPECT_EQ(answers_[4]->first.ordinal, answers_[0]->first.ordinal + 4);
}

TEST_F(OwnerRules, APartitionThatComesBackKeepsItsEpoch) {
    turn_over();
    const std::int64_t before = epoch();
    node_.owner().disown();
    node_.owner().own();
    submit("ext/a");
    turn_over();
    EXPECT_EQ(epoch(), before);
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(OwnerRules, AnAnnounceThatLandsTwiceChangesNothing) {
    turn_over();
    const std::int64_t before = epoch();
    topic_.land(topic_.at(before));
    turn_over();
    submit("ext/a");
    turn_over();
    EXPECT_EQ(epoch(), before);
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(OwnerRules, AnnouncesAgainAfterAProduceErrorAndCallersSeeDelayAlone) {
    turn_over();
    const std::int64_t before = epoch();
    submit("ext/a");
    node_.lose_one();
    submit("ext/a");
    turn_over();
    EXPECT_GT(epoch(), before);
    ASSERT_EQ(answers_.size(), 2U);
    EXPECT_TRUE(answers_[0] && answers_[1]);
}

TEST_F(OwnerRules, DecidesNothingInAnEpochThatHadAProduceError) {
    turn_over();
    ASSERT_TRUE(node_.owner().is_live());
    submit("ext/a");
    node_.lose_one();
    report();
    EXPECT_FALSE(node_.owner().is_live());
    const std::int64_t end = topic_.end();
    submit("ext/a");
    land();
    EXPECT_EQ(topic_.end(), end) << "it waits for the next epoch";
    turn_over();
    EXPECT_EQ(answers_.size(), 2U);
}

TEST_F(OwnerRules, WhoeverWaitsTooLongIsToldThatTheOutcomeIsUnknown) {
    turn_over();
    submit("ext/a");
    node_.tick(true);
    ASSERT_EQ(answers_.size(), 1U);
    EXPECT_EQ(answers_[0].error().kind, Refused::outcome_unknown);
    turn_over();
    EXPECT_EQ(answers_.size(), 1U);
}

TEST_F(OwnerRules, StopsAtARecordWhoseWriterHadAnotherHistory) {
    turn_over();
    kafka::RecordHeader header;
    header.kind = kafka::RecordKind::barrier;
    header.epoch = epoch();
    header.nonce = node_.replica().state().live->nonce;
    header.seq = node_.replica().state().live->next_seq;
    header.first_position = node_.replica().head().next_ordinal;
    topic_.land(kafka::encode_record(header));  // its prev_head is not ours
    node_.fetch(100);
    ASSERT_TRUE(node_.is_stopped());
    EXPECT_NE(node_.why_stopped().find("diverged"), std::string::npos);
}

TEST_F(OwnerRules, StopsAtACommitOfAnEpochThatItNeverSaw) {
    turn_over();
    kafka::RecordHeader header;
    header.kind = kafka::RecordKind::barrier;
    header.epoch = topic_.end() + 5;
    topic_.land(kafka::encode_record(header));
    node_.fetch(100);
    EXPECT_TRUE(node_.is_stopped());
}

TEST_F(OwnerRules, StopsAtTheLiveEpochUnderAnotherNonce) {
    turn_over();
    kafka::RecordHeader header;
    header.kind = kafka::RecordKind::barrier;
    header.epoch = epoch();
    header.nonce.bytes.fill(9);
    topic_.land(kafka::encode_record(header));
    node_.fetch(100);
    EXPECT_TRUE(node_.is_stopped());
}

TEST_F(OwnerRules, FindsATopicAgainByItsLengthAndItsLastRecord) {
    turn_over();
    const kafka::ReplicaState& state = node_.replica().state();
    const domain::Bytes last = topic_.at(state.next_offset - 1);
    EXPECT_TRUE(kafka::check_topic(state, state.next_offset, last));
    EXPECT_TRUE(kafka::check_topic(state, state.next_offset + 7, last));
    const auto cut = kafka::check_topic(state, state.next_offset - 1, last);
    ASSERT_FALSE(cut);
    EXPECT_NE(cut.error().context.find("it was cut"), std::string::npos);
    const auto other = kafka::check_topic(state, state.next_offset, topic_.at(0));
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().context.find("another topic"), std::string::npos);
}

TEST_F(OwnerRules, ABrokenEpochStaysBrokenWhenItsMissingRecordLandsLate) {
    turn_over();
    node_.owner().disown();  // or it would announce anew
    const kafka::Epoch live = *node_.replica().state().live;
    kafka::RecordHeader header;
    header.kind = kafka::RecordKind::barrier;
    header.epoch = live.offset;
    header.nonce = live.nonce;
    header.first_position = node_.replica().head().next_ordinal;
    header.prev_head = node_.replica().head().chain;
    for (const std::uint64_t ahead : {1U, 0U, 1U}) {
        header.seq = live.next_seq + ahead;
        topic_.land(kafka::encode_record(header));
    }
    node_.fetch(100);
    ASSERT_FALSE(node_.is_stopped());
    EXPECT_TRUE(node_.replica().state().live->is_broken);
    EXPECT_EQ(node_.replica().state().live->next_seq, live.next_seq);
}

TEST_F(OwnerRules, StopsAtARecordThatDoesNotCheck) {
    turn_over();
    domain::Bytes record = topic_.at(topic_.end() - 1);
    record.back() ^= 1U;
    topic_.land(record);
    node_.fetch(100);
    EXPECT_TRUE(node_.is_stopped());
}

}  // namespace
}  // namespace decklog::sim
