// `decklog copy`: an embedded ledger into a topic and back, on real brokers.
#include <thread>

#include "store/copy/to_directory.hpp"
#include "store/kafka/fill_topic.hpp"
#include "store/rocks_ledger.hpp"
#include "store/verify/verify.hpp"
#include "tests/cluster/cluster_fixture.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::copy_test {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts

class CopyTest : public ClusterTest {
  protected:
    static constexpr int kFew = 300, kMany = 6'000;  // more than are under way at once
    static constexpr int kSource = 91, kBack = 92;   // directories beside those of the nodes

    [[nodiscard]] std::unique_ptr<Ledger> open(int directory, std::uint32_t partitions = 1) const {
        std::filesystem::create_directories(root(directory));
        LedgerOptions options;
        options.partitions = partitions;
        return open_rocks_ledger(root(directory), options).value();
    }
    static Submission numbered(int i) {
        Submission submission = contract::keyed(contract::append("ext/" + std::to_string(i % 7)),
                                                contract::key(static_cast<std::uint8_t>(i)),
                                                contract::hash(static_cast<std::uint8_t>(i)));
        submission.key->bytes[0] = static_cast<std::uint8_t>(i / 256 + 1);
        if (i % 10 == 0) submission.raw = body(i);
        return submission;
    }
    static std::shared_ptr<RawBody> body(int i) {
        auto raw = std::make_shared<RawBody>();
        raw->ref.day = static_cast<std::uint32_t>(system_clock().now_us() / 86'400'000'000);
        raw->ref.id.bytes.fill(static_cast<std::uint8_t>(i / 10));
        raw->sealed.assign(500, static_cast<std::uint8_t>(i / 10));
        return raw;
    }
    static void fill(Ledger& ledger, int events = kFew, std::uint32_t partition = 0) {
        std::vector<Submission> submissions;
        for (int i = 0; i < events; ++i) submissions.push_back(numbered(i));
        for (const Answer& answer : submit_and_wait(ledger, partition, std::move(submissions)))
            ASSERT_TRUE(answer);
    }
    static domain::LedgerOrder order() {
        domain::LedgerOrder order;
        order.actor = {"admin", "files"};
        order.recorded_by = "token:files";
        order.now_us = system_clock().now_us();
        return order;
    }
    void end(Ledger& ledger, const char* kind = "topic") const {
        const domain::MoveTarget to{kind, options().topic};
        const auto ended = end_ledger(ledger, to, order(), std::chrono::seconds(30));
        ASSERT_TRUE(ended) << ended.error().context;
    }
    domain::Result<domain::LedgerId> copy(const Ledger& source, const CopyProgress& progress = {}) {
        auto topic = kafka::TopicFill::open(options(), source, 30);
        if (!topic) return tl::unexpected(topic.error());
        return topic->fill(progress, system_clock(), system_random());
    }
    static std::vector<std::string> frames(const Ledger& ledger, domain::Position end) {
        std::vector<std::string> all;
        EXPECT_TRUE(ledger.read({end.partition, 0}, [&](const FramePtr& frame) {
            if (frame->first().ordinal >= end.ordinal) return false;
            all.emplace_back(frame->bytes().begin(), frame->bytes().end());
            return true;
        }));
        return all;
    }
    /// All that the source had is there: frames, chain, keys, versions, raw bodies.
    void expect_moved(Ledger& source, Ledger& target) {
        for (std::uint32_t partition = 0; partition < source.partitions(); ++partition) {
            const Head head = source.head(partition);
            const domain::Position end{partition, head.next_ordinal};
            EXPECT_TRUE(frames(target, end) == frames(source, end)) << partition;
            EXPECT_EQ(target.chain_before(end).value(), head.chain) << partition;
        }
        EXPECT_NE(target.ledger_id(), source.ledger_id());
        EXPECT_EQ(target.stream_version({"default", "ext/3"}).value(),
                  source.stream_version({"default", "ext/3"}).value());
        EXPECT_EQ(target.raw_body(body(20)->ref).value(), body(20)->sealed);
        const VerifyReport report = verify(target, {}).value();
        EXPECT_TRUE(report.ok()) << report.problem;
    }
};

TEST_F(CopyTest, MovesALedgerIntoATopicAndBack) {
    const auto source = open(kSource);
    fill(*source);
    end(*source);
    const auto forked = copy(*source);
    ASSERT_TRUE(forked) << forked.error().context;
    start(1);
    static_cast<void>(wait_for_owner());
    expect_moved(*source, *node(1).ledger);
    EXPECT_EQ(node(1).ledger->ledger_id(), *forked);
    const Answer repeated = submit(numbered(17));
    ASSERT_TRUE(repeated);
    EXPECT_EQ(repeated->outcome, Outcome::repeated);
    ASSERT_TRUE(submit(contract::append("ext/3")));
    EXPECT_EQ(copy(*source).value(), *forked) << "nothing is left to do";

    end(*node(1).ledger, "directory");
    EXPECT_EQ(submit(contract::append("ext/3")).error().kind, Refused::moved);
    {
        std::filesystem::create_directories(root(kBack));
        const auto target = ImportDirectory::open(root(kBack)).value();
        const auto copied =
            copy_to_directory(*node(1).ledger, *target, {}, system_clock(), system_random());
        ASSERT_TRUE(copied) << copied.error().context;
    }
    const auto back = open(kBack);
    expect_moved(*node(1).ledger, *back);
    EXPECT_TRUE(submit_and_wait(*back, 0, {contract::append("ext/3")}).front());
}

TEST_F(CopyTest, GoesOnAfterAnInterruptionAndNobodyOwnsAPartOfALedger) {
    const auto source = open(kSource);
    fill(*source, kMany);
    end(*source);
    struct Interrupted {};
    EXPECT_THROW(static_cast<void>(copy(*source,
                                        [](std::uint64_t done, std::uint64_t) {
                                            if (done > 20) throw Interrupted();
                                        })),
                 Interrupted);
    start(1);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (node(1).ledger->head(0).next_ordinal <= 20) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_FALSE(node(1).partitions.front()->facts().follows.empty());
    EXPECT_FALSE(node(1).partitions.front()->facts().is_owned);
    const auto refused = submit_and_wait(*node(1).ledger, 0, {contract::append("ext/a")}).front();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refused::not_owner);
    ASSERT_TRUE(copy(*source));
    static_cast<void>(wait_for_owner());
    expect_moved(*source, *node(1).ledger);
}

TEST_F(CopyTest, MovesTwoPartitionsIntoATopicOfTwoAndBack) {
    const auto source = open(kSource, 2);
    fill(*source);
    fill(*source, kMany, 1);
    end(*source);
    const auto forked = copy(*source);
    ASSERT_TRUE(forked) << forked.error().context;
    EXPECT_NE(*forked, source->ledger_id());
    for (std::uint32_t partition = 0; partition < 2; ++partition) {
        const auto filler = kafka::TopicFiller::open(options(), *source, partition);
        ASSERT_TRUE(filler) << filler.error().context;
        EXPECT_TRUE((*filler)->is_whole()) << partition;
        EXPECT_EQ((*filler)->present(), source->head(partition).next_ordinal + 1) << "the fork";
        EXPECT_EQ((*filler)->forked(), *forked) << "one name for both";
    }
    EXPECT_EQ(copy(*source).value(), *forked) << "nothing is left to do";

    partitions_ = 2;
    start(1);
    for (std::uint32_t partition = 0; partition < 2; ++partition)
        static_cast<void>(wait_for_owner(partition));
    expect_moved(*source, *node(1).ledger);
    const Answer repeated = submit(numbered(17), 1);
    ASSERT_TRUE(repeated);
    EXPECT_EQ(repeated->outcome, Outcome::repeated);
    ASSERT_TRUE(submit(contract::append("ext/3"), 1));

    end(*node(1).ledger, "directory");
    EXPECT_EQ(submit(contract::append("ext/3"), 1).error().kind, Refused::moved);
    {
        std::filesystem::create_directories(root(kBack));
        const auto target = ImportDirectory::open(root(kBack)).value();
        const auto copied =
            copy_to_directory(*node(1).ledger, *target, {}, system_clock(), system_random());
        ASSERT_TRUE(copied) << copied.error().context;
    }
    const auto back = open(kBack);
    ASSERT_EQ(back->partitions(), 2U);
    expect_moved(*node(1).ledger, *back);
    EXPECT_TRUE(submit_and_wait(*back, 1, {contract::append("ext/3")}).front());
}

TEST_F(CopyTest, GoesOnInThePartitionWhereItWasInterruptedAndNamesAllAlike) {
    const auto source = open(kSource, 2);
    fill(*source);
    fill(*source, kMany, 1);
    end(*source);
    struct Interrupted {};
    const std::uint64_t first = source->head(0).next_ordinal;
    EXPECT_THROW(static_cast<void>(copy(*source,
                                        [first](std::uint64_t done, std::uint64_t) {
                                            if (done > first + 20) throw Interrupted();
                                        })),
                 Interrupted);
    const auto filled = kafka::TopicFiller::open(options(), *source, 0).value();
    const auto cut = kafka::TopicFiller::open(options(), *source, 1).value();
    EXPECT_TRUE(filled->forked().has_value());
    EXPECT_FALSE(filled->is_whole()) << "nobody owns a part of a ledger";
    EXPECT_FALSE(cut->forked().has_value());
    EXPECT_EQ(copy(*source).value(), *filled->forked());
    EXPECT_TRUE(kafka::TopicFill::open(options(), *source, 30).value().is_whole());
}

TEST_F(CopyTest, RefusesATopicOfAnotherNumberOfPartitions) {
    ASSERT_TRUE(kafka::make_topics(options(), 30));
    const auto source = open(kSource, 2);
    const auto topic = kafka::TopicFill::open(options(), *source, 30);
    ASSERT_FALSE(topic);
    EXPECT_EQ(topic.error().code, domain::ErrorCode::invalid_argument) << topic.error().context;
}

TEST_F(CopyTest, RefusesATopicOfAnotherLedger) {
    start(1);
    ASSERT_TRUE(submit(contract::append("ext/a")));
    const auto source = open(kSource);
    fill(*source);
    const auto topic = kafka::TopicFill::open(options(), *source, 30);
    ASSERT_FALSE(topic);
    EXPECT_EQ(topic.error().code, domain::ErrorCode::other_ledger) << topic.error().context;
}

}  // namespace
}  // namespace decklog::cluster::copy_test
