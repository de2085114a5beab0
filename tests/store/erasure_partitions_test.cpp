// Forgetting a person whose raw bodies stand in several partitions: each goes in a commit of its
// own partition, and that of partition 0, which says that all is done, comes last.
#include <gmock/gmock.h>

#include "domain/payload.hpp"
#include "store/erasure.hpp"
#include "tests/store/erasure_desk.hpp"

namespace decklog::store::erasure_test {

constexpr std::uint32_t kPartitions = 3;

/// The SubjectErased of a partition, with the workspace and the bodies that each names.
std::vector<std::pair<std::string, std::uint32_t>> erasures_in(const LogReader& ledger,
                                                               std::uint32_t partition) {
    std::vector<std::pair<std::string, std::uint32_t>> found;
    EXPECT_TRUE(ledger.read({partition, 0}, [&found](const FramePtr& frame) {
        const domain::EventView event = frame->event(0);
        if (event.is(domain::EventType::subject_erased)) {
            found.emplace_back(event.workspace(),
                               event.payload_as<fb::SubjectErased>()->raw_bodies_deleted());
        }
        return true;
    }));
    return found;
}

using Erasures = std::vector<std::pair<std::string, std::uint32_t>>;

/// A node that does not write one of the partitions.
class WithoutPartition final : public Ledger {
  public:
    WithoutPartition(Ledger& inner, std::uint32_t partition)
        : inner_(inner), partition_(partition) {}
    void submit(std::uint32_t partition, std::vector<Submission> submissions,
                Completion done) override {
        if (partition != partition_)
            return inner_.submit(partition, std::move(submissions), std::move(done));
        done(std::vector<Answer>(
            submissions.size(),
            tl::unexpected(Refusal{Refused::not_owner, {"not_owner", {}, {}, {}}})));
    }
    [[nodiscard]] domain::LedgerId ledger_id() const override { return inner_.ledger_id(); }
    [[nodiscard]] std::uint32_t partitions() const override { return inner_.partitions(); }
    [[nodiscard]] Head head(std::uint32_t partition) const override {
        return inner_.head(partition);
    }
    domain::Result<void> read(domain::Position from, const FrameSink& sink) const override {
        return inner_.read(from, sink);
    }
    [[nodiscard]] domain::Result<FramePtr> frame_at(domain::Position position) const override {
        return inner_.frame_at(position);
    }
    [[nodiscard]] domain::Result<domain::Bytes32> chain_before(
        domain::Position position) const override {
        return inner_.chain_before(position);
    }
    domain::Result<void> scan(std::uint32_t partition, const IndexKey& key, Order order,
                              std::optional<domain::Position> after,
                              const PositionSink& sink) const override {
        return inner_.scan(partition, key, order, after, sink);
    }
    [[nodiscard]] domain::Result<std::uint64_t> stream_version(
        const domain::StreamRef& stream) const override {
        return inner_.stream_version(stream);
    }
    [[nodiscard]] domain::Result<domain::Bytes> raw_body(const domain::RawRef& ref) const override {
        return inner_.raw_body(ref);
    }
    [[nodiscard]] std::unique_ptr<Subscription> on_durable(Listener listener) override {
        return inner_.on_durable(std::move(listener));
    }
    [[nodiscard]] domain::Result<bool> adds_nothing(const Submission& submission) const override {
        return inner_.adds_nothing(submission);
    }
    [[nodiscard]] WriterState state() const override { return inner_.state(); }
    [[nodiscard]] std::int64_t clock_behind_us() const override { return inner_.clock_behind_us(); }
    [[nodiscard]] std::size_t queue_depth() const override { return inner_.queue_depth(); }
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return inner_.last_turn_boot_us();
    }
    void stop() override { inner_.stop(); }

  private:
    Ledger& inner_;
    const std::uint32_t partition_;
};

class ErasurePartitions : public testing::TestWithParam<bool> {
  protected:
    [[nodiscard]] const std::filesystem::path* root() const {
        return GetParam() ? &root_.path() : nullptr;
    }
    TempDir root_;
    Desk desk{root(), kPartitions};
};
INSTANTIATE_TEST_SUITE_P(, ErasurePartitions, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "files" : "memory"; });

TEST_P(ErasurePartitions, TakesTheBodiesOfEachInACommitOfItsOwn) {
    const domain::RawRef here = desk.say("a", "hello");
    const domain::RawRef there = desk.say("a", "hi", {}, 1);
    const domain::RawRef also_there = desk.say("a", "again", {}, 1);
    const domain::RawRef his = desk.say("b", "me too", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    const Footprint footprint = footprint_of(*desk.ledger, *desk.vault, a, {}).value();
    EXPECT_EQ(footprint.events, 3U);
    EXPECT_EQ(footprint.raw.size(), 1U);
    EXPECT_EQ(footprint.all_raw().size(), 3U);

    const ErasureDone done = desk.erase(a);
    EXPECT_EQ(done.receipt.first.partition, 0U);
    EXPECT_EQ(done.taken.all_raw().size(), 3U);
    for (const domain::RawRef& body : {here, there, also_there}) EXPECT_FALSE(desk.keeps(body));
    EXPECT_TRUE(desk.keeps(his));
    EXPECT_EQ(erasures_in(*desk.ledger, 0), (Erasures{{"default", 3}}));
    EXPECT_EQ(erasures_in(*desk.ledger, 1), (Erasures{{"w1", 2}}));
    EXPECT_EQ(erasures_in(*desk.ledger, 2), Erasures{});
    EXPECT_EQ(*desk.vault->count_keys(a), 0U);
}

TEST_P(ErasurePartitions, FindsBodiesThatNameThePersonInAnyOfThem) {
    desk.say("a", "hello");
    const domain::RawRef named = desk.mention("a", 2);
    const domain::RawRef other = desk.mention("b", 2);
    desk.erase(desk.subject("a"), looking_into_bodies());
    EXPECT_FALSE(desk.keeps(named));
    EXPECT_TRUE(desk.keeps(other));
    EXPECT_EQ(erasures_in(*desk.ledger, 2), (Erasures{{"w2", 1}}));
}

TEST_P(ErasurePartitions, CountsBySubjectErasedOfPartition0) {
    desk.say("a", "hello", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    desk.erase(a);
    const auto logged = logged_erasures(*desk.ledger).value();
    ASSERT_EQ(logged.size(), 1U);
    EXPECT_EQ(logged.front().position.partition, 0U);
    EXPECT_TRUE(unfinished_erasures(*desk.ledger, *desk.vault).value().empty());
    EXPECT_EQ(*desk.vault->erasures_finished(), logged.front().position.ordinal + 1);
}

TEST_P(ErasurePartitions, OneThatCameNoFurtherThanAnotherPartitionIsNotTakenForFinished) {
    desk.say("a", "hello");
    const domain::RawRef there = desk.say("a", "hi", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    BodiesToTake taken{a, order(), 1, 1, {there}};
    taken.order.workspace = "w1";
    ASSERT_TRUE(take_bodies(*desk.ledger, taken));

    EXPECT_FALSE(footprint_of(*desk.ledger, *desk.vault, a, {})->erased);
    EXPECT_TRUE(logged_erasures(*desk.ledger)->empty());
    EXPECT_TRUE(destroy_erased_keys(*desk.ledger, *desk.vault, {})->empty());
    EXPECT_EQ(*desk.vault->count_keys(a), 1U);

    EXPECT_EQ(desk.erase(a).receipt.outcome, Outcome::accepted);
    EXPECT_EQ(erasures_in(*desk.ledger, 1).size(), 1U) << "nothing was left there";
    EXPECT_EQ(*desk.vault->count_keys(a), 0U);
}

TEST_P(ErasurePartitions, TheSameRequestAgainTakesNothingFromWhoCameBack) {
    desk.say("a", "hello", {}, 1);
    ErasureOrder keyed = order();
    keyed.key = rocks_test::key_of(7);
    ASSERT_TRUE(
        erase_subject(*desk.ledger, *desk.vault, desk.subject("a"), keyed, {})->has_value());
    const domain::RawRef back = desk.say("a", "back again", {}, 1);
    const auto repeated =
        erase_subject(*desk.ledger, *desk.vault, desk.subject("a"), keyed, {}).value();
    ASSERT_TRUE(repeated);
    EXPECT_EQ(repeated->receipt.outcome, Outcome::repeated);
    EXPECT_TRUE(desk.keeps(back));
}

TEST_P(ErasurePartitions, IsRefusedWholeWhereAnotherNodeWritesAPartitionThatHoldsBodies) {
    const domain::RawRef here = desk.say("a", "hello");
    const domain::RawRef there = desk.say("a", "hi", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    WithoutPartition node(*desk.ledger, 1);
    const auto refused = erase_subject(node, *desk.vault, a, order(), {});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().retryable);
    EXPECT_THAT(refused.error().context, testing::HasSubstr("partition 1"));
    EXPECT_TRUE(desk.keeps(here));
    EXPECT_TRUE(desk.keeps(there));
    EXPECT_TRUE(logged_erasures(*desk.ledger)->empty());
    EXPECT_EQ(*desk.vault->count_keys(a), 1U);

    WithoutPartition other(*desk.ledger, 2);
    EXPECT_TRUE(erase_subject(other, *desk.vault, a, order(), {})) << "nothing stands there";
    EXPECT_FALSE(desk.keeps(there));
}

TEST_P(ErasurePartitions, BodiesThatACrashLeftGoBeforeTheKeys) {
    desk.say("a", "hello");
    const domain::RawRef left = desk.say("a", "hi", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    ASSERT_TRUE(take_bodies(*desk.ledger, {a, order(), 0, 1, {}})) << "and then it crashed";
    desk.clock.step(1'000'000);
    const domain::RawRef later = desk.say("a", "later", {}, 1);

    EXPECT_EQ(destroy_erased_keys(*desk.ledger, *desk.vault, {})->size(), 1U);
    EXPECT_FALSE(desk.keeps(left));
    EXPECT_TRUE(desk.keeps(later)) << "whoever comes later is not forgotten";
    EXPECT_EQ(*desk.vault->count_keys(a), 0U);
}

TEST_P(ErasurePartitions, AnotherNodeIsAskedForTheBodiesOfThePartitionThatItWrites) {
    desk.say("a", "hello");
    const domain::RawRef there = desk.say("a", "hi", {}, 1);
    const domain::SubjectId a = desk.subject("a");
    WithoutPartition node(*desk.ledger, 1);
    ErasureHooks hooks;
    std::vector<BodiesToTake> asked;
    hooks.take_elsewhere = [&](const BodiesToTake& bodies) {
        asked.push_back(bodies);
        return take_bodies(*desk.ledger, bodies);
    };
    const auto done = erase_subject(node, *desk.vault, a, order(), hooks);
    ASSERT_TRUE(done) << done.error().context;
    EXPECT_TRUE(*done);
    EXPECT_FALSE(desk.keeps(there));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].partition, 1U);
    EXPECT_EQ(asked[0].order.workspace, "w1");
    EXPECT_EQ(asked[0].order.reason, order().reason);
    EXPECT_FALSE(asked[0].order.key) << "that is of partition 0's";
}

TEST_P(ErasurePartitions, WhatAnotherWriterHadStillTakenInGoesWhenItHears) {
    desk.say("a", "hello");
    const domain::SubjectId a = desk.subject("a");
    desk.erase(a);
    const auto erasures = logged_erasures(*desk.ledger).value();
    // As a node writes that has not heard of it yet: under the old name.
    desk.clock.step(1'000'000);
    domain::NewEvent event;
    event.stream = "room/late";
    event.actor = {"person", domain::to_text(a)};
    event.subject = a;
    const auto late = desk.body_of("late");
    desk.submit(std::move(event), late, 1);
    const domain::RawRef back = desk.say("a", "back again", {}, 1);
    ASSERT_TRUE(desk.keeps(late->ref));

    WithoutPartition other(*desk.ledger, 1);
    EXPECT_FALSE(take_bodies_that_came_late(other, *desk.vault, 1, erasures, {}))
        << "only its writer can";
    ASSERT_TRUE(take_bodies_that_came_late(*desk.ledger, *desk.vault, 1, erasures, {}));
    EXPECT_FALSE(desk.keeps(late->ref));
    EXPECT_TRUE(desk.keeps(back)) << "of a new subject";
    const auto again = desk.ledger->head(1).next_ordinal;
    ASSERT_TRUE(take_bodies_that_came_late(*desk.ledger, *desk.vault, 1, erasures, {}));
    EXPECT_EQ(desk.ledger->head(1).next_ordinal, again) << "nothing is left to do";
}

}  // namespace decklog::store::erasure_test
