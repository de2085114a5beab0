// Raw bodies of a cluster on real brokers: every node has them, and none has one that was erased.
#include "store/kafka/topic.hpp"
#include "tests/cluster/cluster_fixture.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::cluster::raw_test {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts
using namespace std::chrono_literals;

/// As large as they come. Each word of a copy out of RocksDB's memory is a race for the thread
/// sanitizer, which takes minutes to suppress so many.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t kLargeBody = 16U << 10U;
#else
constexpr std::size_t kLargeBody = 4U << 20U;
#endif

class RawTopicTest : public ClusterTest {
  protected:
    static std::shared_ptr<RawBody> body(std::uint8_t number, std::size_t size) {
        auto raw = std::make_shared<RawBody>();
        raw->ref.day = today();
        raw->ref.id.bytes.fill(number);
        raw->sealed.assign(size, number);
        return raw;
    }
    static std::uint32_t today() {
        return static_cast<std::uint32_t>(system_clock().now_us() / 86'400'000'000);
    }
    void keep(const std::shared_ptr<RawBody>& raw) {
        Submission submission = contract::append("ext/a");
        submission.raw = raw;
        const Answer answer = submit(std::move(submission));
        ASSERT_TRUE(answer) << answer.error().rejection.code;
    }
    [[nodiscard]] bool soon_has(int number, const std::shared_ptr<RawBody>& raw) {
        return soon(number, raw->ref,
                    [&](const auto& found) { return found && *found == raw->sealed; });
    }
    [[nodiscard]] bool soon_lacks(int number, const std::shared_ptr<RawBody>& raw) {
        return soon(number, raw->ref, [](const auto& found) {
            return !found && found.error().code == domain::ErrorCode::not_found;
        });
    }

  private:
    template <class Holds>
    bool soon(int number, const domain::RawRef& ref, const Holds& holds) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!holds(node(number).ledger->raw_body(ref))) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(10ms);
        }
        return true;
    }
};

TEST_F(RawTopicTest, MakesATopicThatKeepsBodiesForTheirDays) {
    const auto plan = kafka::raw_topic(options(), 1, 30);
    const auto topic = kafka::open_topic(options(), plan);
    ASSERT_TRUE(topic) << topic.error().context;
    EXPECT_EQ(topic->settings.at("retention.ms"), "2592000000");
    EXPECT_EQ(kafka::weaknesses(*topic, plan), std::vector<std::string>{});
    EXPECT_EQ(kafka::weaknesses(*topic, kafka::raw_topic(options(), 1, 7)).size(), 0U)
        << "longer is no loss";
    const auto too_short = kafka::weaknesses(*topic, kafka::raw_topic(options(), 1, 31));
    ASSERT_EQ(too_short.size(), 1U);
    EXPECT_NE(too_short[0].find("retention.ms"), std::string::npos);
    EXPECT_EQ(kafka::weaknesses(*topic, kafka::raw_topic(options(), 1, 0)).size(), 1U)
        << "for ever is longer";
}

TEST_F(RawTopicTest, EveryNodeHasTheBodiesAlsoOneThatComesLater) {
    for (const int number : {1, 2}) start(number);
    const auto small = body(1, 100);
    const auto large = body(2, kLargeBody);
    keep(small);
    keep(large);
    for (const int number : {1, 2}) {
        EXPECT_TRUE(soon_has(number, small));
        EXPECT_TRUE(soon_has(number, large));
    }
    start(3);
    EXPECT_TRUE(soon_has(3, small));
    EXPECT_TRUE(soon_has(3, large));
}

TEST_F(RawTopicTest, ABodyThatIsAnsweredForIsInTheTopicAlready) {
    start(1);
    const auto raw = body(1, 1'000);
    keep(raw);
    nodes_.clear();
    std::filesystem::remove_all(root(1));
    start(2);
    EXPECT_TRUE(soon_has(2, raw));
}

TEST_F(RawTopicTest, ACommitWhoseBodyCannotLandDoesNotLandEither) {
    kafka::TopicPlan small = kafka::raw_topic(options(), 1, 30);
    for (kafka::Demand& demand : small.demands) {
        if (demand.setting == "max.message.bytes") demand.value = "1000";
    }
    ASSERT_TRUE(kafka::open_topic(options(), small));
    auto allowing = options();
    allowing.allow_weak = true;
    std::filesystem::create_directories(root(1));
    nodes_.emplace(1, *kafka::open_kafka_ledger(root(1), allowing, {}));
    Submission submission = contract::append("ext/a");
    submission.raw = body(1, 100'000);
    const Answer answer = submit(std::move(submission));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Refused::outcome_unknown);
    EXPECT_EQ(node(1).ledger->head(0).next_ordinal, 1U) << "LedgerCreated alone";
    ASSERT_TRUE(submit(contract::append("ext/a"))) << "and what comes later is not kept up";
    EXPECT_EQ(node(1).ledger->head(0).next_ordinal, 2U);
}

TEST_F(RawTopicTest, AnErasedBodyIsGoneOnAllNodesAndStaysSo) {
    for (const int number : {1, 2}) start(number);
    const auto erased = body(1, 100);
    const auto kept = body(2, 100);
    keep(erased);
    keep(kept);
    ASSERT_TRUE(soon_has(1, erased));
    ASSERT_TRUE(soon_has(2, erased));
    Submission erasing = contract::append("ext/a");
    erasing.erase_raw = {erased->ref};
    ASSERT_TRUE(submit(std::move(erasing)));
    for (const int number : {1, 2}) EXPECT_TRUE(soon_lacks(number, erased));
    start(3);
    EXPECT_TRUE(soon_has(3, kept));
    EXPECT_TRUE(soon_lacks(3, erased));
    stop(1);
    start(1);
    EXPECT_TRUE(soon_has(1, kept));
    EXPECT_TRUE(soon_lacks(1, erased));
}

TEST_F(RawTopicTest, BodiesPastTheirDaysAreLeftOut) {
    start(1);
    auto old = body(1, 100);
    old->ref.day = today() - 31;
    const auto recent = body(2, 100);
    keep(old);
    keep(recent);
    EXPECT_TRUE(soon_has(1, recent));
    EXPECT_TRUE(soon_lacks(1, old));
}

}  // namespace
}  // namespace decklog::cluster::raw_test
