// Readers: frames in order, index scans in both directions, chain heads, raw bodies, listeners.
#include <future>

#include "store/frame/frame.hpp"
#include "store/verify/verify.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

class ReadingContract : public LedgerContract {
  protected:
    using Positions = std::vector<domain::Position>;
    static Positions at(std::initializer_list<std::uint64_t> ordinals) {
        Positions positions;
        for (const std::uint64_t ordinal : ordinals) positions.push_back({0, ordinal});
        return positions;
    }
    static Positions reversed(Positions positions) {
        return {positions.rbegin(), positions.rend()};
    }

    /// All cuts of a scan: whole, and after every position that it yields, both ways.
    void expect_scan(const IndexKey& index_key, const Positions& expected) {
        EXPECT_EQ(scan(index_key), expected);
        EXPECT_EQ(scan(index_key, Order::descending), reversed(expected));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const auto cut = expected.begin() + static_cast<std::ptrdiff_t>(i);
            EXPECT_EQ(scan(index_key, Order::ascending, expected[i]),
                      Positions(cut + 1, expected.end()));
            EXPECT_EQ(scan(index_key, Order::descending, expected[i]),
                      reversed({expected.begin(), cut}));
        }
    }
    std::vector<domain::Position> frames_from(std::uint64_t ordinal) {
        Positions firsts;
        EXPECT_TRUE(ledger().read({0, ordinal}, [&](const FramePtr& frame) {
            firsts.push_back(frame->first());
            return true;
        }));
        return firsts;
    }
};
INSTANTIATE_TEST_SUITE_P(Ledgers, ReadingContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

TEST_P(ReadingContract, ReadsFramesInOrderFromTheOneThatHoldsThePosition) {
    ASSERT_TRUE(submit(append("s")).has_value());
    ASSERT_TRUE(submit(counting({{"default", "s"}}, [](const auto&) {
        return domain::Events{message("s"), message("s"), message("s")};
    })));
    ASSERT_TRUE(submit(append("s")).has_value());
    EXPECT_EQ(frames_from(0), at({0, 1, 2, 5}));
    EXPECT_EQ(frames_from(2), at({2, 5}));
    EXPECT_EQ(frames_from(3), at({2, 5}));
    EXPECT_EQ(frames_from(5), at({5}));
    EXPECT_TRUE(frames_from(6).empty());
    EXPECT_EQ(ledger().frame_at({0, 4}).value()->first().ordinal, 2U);
    EXPECT_EQ(ledger().frame_at({0, 6}).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(ledger().frame_at({1, 0}).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(ledger().frame_at({0, ~0ULL}).error().code, domain::ErrorCode::not_found);
    std::size_t seen = 0;
    EXPECT_TRUE(ledger().read({0, 0}, [&](const FramePtr&) { return ++seen < 2; }));
    EXPECT_EQ(seen, 2U);
}

TEST_P(ReadingContract, ScansEveryIndexInLogOrderAndAgainstIt) {
    const auto event = [](const char* stream, const char* conversation, const char* correlation,
                          const char* action) {
        domain::NewEvent made = message(stream);
        made.conversation = conversation;
        made.correlation_id = correlation;
        if (*action != 0) {
            made.type = domain::EventType::audit_action_recorded;
            made.action = action;
        }
        return made;
    };
    std::vector<Submission> submissions;
    submissions.push_back(append(event("a", "c1", "x", "")));                // 1
    submissions.push_back(append(event("b", "c2", "x", "ai_reply_sent")));   // 2
    submissions.push_back(append(event("a", "c1", "", "ai_reply_sent")));    // 3
    submissions.push_back(append(event("b", "", "y", "ai_reply_skipped")));  // 4
    submissions.push_back(append(event("a", "c2", "y", "")));                // 5
    for (const Answer& answer : submit_all(std::move(submissions))) ASSERT_TRUE(answer.has_value());

    using IndexKind = IndexKey::Kind;
    const auto by_text = [](IndexKind kind, const char* text) {
        IndexKey index_key;
        index_key.kind = kind;
        index_key.text = text;
        return index_key;
    };
    expect_scan(by_text(IndexKind::stream, "a"), at({1, 3, 5}));
    expect_scan(by_text(IndexKind::stream, "b"), at({2, 4}));
    expect_scan(by_text(IndexKind::conversation, "c1"), at({1, 3}));
    expect_scan(by_text(IndexKind::conversation, "c2"), at({2, 5}));
    expect_scan(by_text(IndexKind::correlation, "x"), at({1, 2}));
    expect_scan(by_text(IndexKind::correlation, "y"), at({4, 5}));
    expect_scan(by_text(IndexKind::action, "ai_reply_sent"), at({2, 3}));
    expect_scan(by_text(IndexKind::action, "ai_reply_skipped"), at({4}));
    expect_scan(by_text(IndexKind::action, "nothing_of_the_kind"), {});
    IndexKey by_type;
    by_type.kind = IndexKind::type;
    by_type.type = static_cast<std::uint32_t>(domain::EventType::message_received);
    expect_scan(by_type, at({1, 5}));
    // Of a scan cut at a position that it does not hold.
    EXPECT_EQ(scan(by_text(IndexKind::stream, "a"), Order::ascending, domain::Position{0, 2}),
              at({3, 5}));
    EXPECT_EQ(scan(by_text(IndexKind::stream, "a"), Order::descending, domain::Position{0, 4}),
              at({3, 1}));
    EXPECT_EQ(scan(by_text(IndexKind::stream, "a"), Order::descending, domain::Position{0, 0}),
              at({}));
    EXPECT_EQ(scan(by_type, Order::ascending, domain::Position{0, 3}), at({5}));
    IndexKey elsewhere = by_text(IndexKind::stream, "a");
    elsewhere.workspace = "other";
    expect_scan(elsewhere, {});
}

TEST_P(ReadingContract, FindsOurOwnActionsThroughTheirType) {
    const domain::TypeInfo* info =
        domain::find_type(static_cast<std::uint32_t>(domain::EventType::command_noted));
    ASSERT_NE(info, nullptr);
    if (info->action.empty()) GTEST_SKIP() << "command_noted has no action name";
    const Answer noted =
        submit(counting({{"default", "s"}}, [](const auto&) { return domain::Events{}; }));
    IndexKey index_key;
    index_key.kind = IndexKey::Kind::action;
    index_key.text = std::string(info->action);
    expect_scan(index_key, {noted->first});
}

TEST_P(ReadingContract, ScansTimeByWhenItHappenedThenByPosition) {
    const std::int64_t times[] = {30, 10, 20, 10, -5, 20};  // at 1 to 6
    for (const std::int64_t time : times) {
        domain::NewEvent event = message("s");
        event.occurred_at_us = time;
        ASSERT_TRUE(submit(append(event)).has_value());
    }
    IndexKey window;
    window.kind = IndexKey::Kind::time;
    window.until_us = 1'000;  // leaves LedgerCreated out
    expect_scan(window, at({5, 2, 4, 3, 6, 1}));
    window.since_us = 10;
    expect_scan(window, at({2, 4, 3, 6, 1}));
    window.until_us = 30;
    expect_scan(window, at({2, 4, 3, 6}));
    window.since_us = 21;
    expect_scan(window, {});
    window.until_us.reset();
    window.since_us = 30;
    expect_scan(window, at({1, 0}));
    window.since_us.reset();
    expect_scan(window, at({5, 2, 4, 3, 6, 1, 0}));
}

TEST_P(ReadingContract, KnowsTheChainAtEveryBoundaryAndNowhereElse) {
    ASSERT_TRUE(submit(append("s")).has_value());
    ASSERT_TRUE(submit(counting({{"default", "s"}}, [](const auto&) {
        return domain::Events{message("s"), message("s")};
    })));
    domain::Bytes32 chain{};
    EXPECT_EQ(ledger().chain_before({0, 0}).value(), chain);
    ASSERT_TRUE(ledger().read({0, 0}, [&](const FramePtr& frame) {
        chain = chain_step(chain, *frame);
        EXPECT_EQ(ledger().chain_before({0, frame->last().ordinal + 1}).value(), chain);
        return true;
    }));
    EXPECT_EQ(ledger().head(0).chain, chain);
    EXPECT_EQ(ledger().chain_before({0, 3}).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(ledger().chain_before({0, 5}).error().code, domain::ErrorCode::not_found);
}

TEST_P(ReadingContract, KeepsChainHeadsSoThatOldBoundariesStayCheap) {
    constexpr std::size_t kEventsPerCommit = 1'000;
    std::vector<std::pair<std::uint64_t, domain::Bytes32>> boundaries;
    const Submission many = counting({{"default", "elsewhere"}}, [](const auto&) {
        return domain::Events(kEventsPerCommit, message("s", ""));
    });
    for (int i = 0; i < 67; ++i) {
        ASSERT_TRUE(submit(many).has_value());
        const Head head = ledger().head(0);
        boundaries.emplace_back(head.next_ordinal, head.chain);
    }
    EXPECT_EQ(ledger().head(0).next_ordinal, 67'001U);
    for (const std::size_t i : {0U, 40U, 64U, 65U, 66U}) {
        EXPECT_EQ(ledger().chain_before({0, boundaries[i].first}).value(), boundaries[i].second);
    }
    EXPECT_EQ(ledger().stream_version({"default", "s"}).value(), 67'000U);
    const VerifyReport report = verify(ledger(), {}).value();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_EQ(report.events, 67'001U);
    EXPECT_EQ(report.frames, 68U);
    EXPECT_EQ(report.streams, 2U);
    EXPECT_EQ(report.heads.front().chain, ledger().head(0).chain);
}

TEST_P(ReadingContract, KeepsARawBodyWithTheFirstNewItemThatCarriesIt) {
    const auto raw = std::make_shared<RawBody>();
    raw->ref.day = static_cast<std::uint32_t>(FakeClock::kStart / 86'400'000'000);
    raw->ref.id.bytes.fill(7);
    raw->sealed = {1, 2, 3};
    const auto carrying = [&raw](domain::CommandKey command_key) {
        Submission submission = keyed(append("s"), command_key, hash(1));
        submission.raw = raw;
        return submission;
    };
    ASSERT_TRUE(submit(keyed(append("s"), key(1), hash(1))).has_value());
    ASSERT_TRUE(submit(carrying(key(1))).has_value());  // a repeat keeps nothing
    EXPECT_EQ(ledger().raw_body(raw->ref).error().code, domain::ErrorCode::not_found);
    for (const Answer& answer :
         submit_all({carrying(key(1)), carrying(key(2)), carrying(key(3))})) {
        ASSERT_TRUE(answer.has_value());
    }
    EXPECT_EQ(ledger().raw_body(raw->ref).value(), raw->sealed);
    EXPECT_EQ(verify(ledger(), {}).value().raw_bodies, 1U);
}

TEST_P(ReadingContract, DropsRawBodiesWhenTheirDaysAreOver) {
    constexpr std::int64_t kHour = 3'600'000'000;
    options_.raw_days = 2;
    const auto today = static_cast<std::uint32_t>(FakeClock::kStart / (24 * kHour));
    std::vector<domain::RawRef> refs;
    for (std::uint32_t age = 0; age < 3; ++age) {
        const auto raw = std::make_shared<RawBody>();
        raw->ref.day = today - age;
        raw->ref.id.bytes.fill(static_cast<std::uint8_t>(age));
        raw->sealed = {1};
        refs.push_back(raw->ref);
        Submission submission = append("s");
        submission.raw = raw;
        ASSERT_TRUE(submit(submission).has_value());
    }
    clock_.pass(24 * kHour);  // and an hour since the writer last looked
    ASSERT_TRUE(submit(append("s")).has_value());
    clock_.pass(kHour);
    ASSERT_TRUE(submit(append("s")).has_value());
    EXPECT_TRUE(ledger().raw_body(refs[0]).has_value());
    EXPECT_FALSE(ledger().raw_body(refs[1]).has_value() && ledger().raw_body(refs[2]).has_value());
    EXPECT_EQ(ledger().raw_body(refs[2]).error().code, domain::ErrorCode::not_found);
}

TEST_P(ReadingContract, TellsListenersEveryFrameOnceBeforeItsAnswer) {
    std::vector<std::string> order;
    std::vector<std::uint64_t> ordinals;
    auto subscription = ledger().on_durable([&](std::span<const FramePtr> frames) {
        order.push_back("told");
        for (const FramePtr& frame : frames) {
            ordinals.push_back(frame->first().ordinal);
            EXPECT_TRUE(
                ledger().frame_at(frame->first()).has_value());  // durable and readable by then
            EXPECT_LT(frame->last().ordinal, ledger().head(0).next_ordinal);
        }
    });
    for (int i = 0; i < 3; ++i) {
        std::promise<void> answered;
        ledger().submit(0, {append("s"), append("s")}, [&](const std::vector<Answer>&) {
            order.push_back("answered");
            answered.set_value();
        });
        answered.get_future().wait();
    }
    EXPECT_EQ(order, (std::vector<std::string>{"told", "answered", "told", "answered", "told",
                                               "answered"}));
    EXPECT_EQ(ordinals, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6}));
    subscription.reset();
    ASSERT_TRUE(submit(append("s")).has_value());
    EXPECT_EQ(ordinals.size(), 6U);
}

}  // namespace decklog::store::contract
