// Positions, versions, decisions, expected versions, limits: the same for every ledger.
#include "domain/limits.hpp"
#include "store/frame/frame.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

class AppendContract : public LedgerContract {};
INSTANTIATE_TEST_SUITE_P(Ledgers, AppendContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

TEST_P(AppendContract, BeginsWithTheEventThatSaysWhichLedgerThisIs) {
    EXPECT_EQ(ledger().head(0).next_ordinal, 1U);
    const FramePtr first = ledger().frame_at({0, 0}).value();
    const domain::EventView created = first->event(0);
    EXPECT_TRUE(created.is(domain::EventType::ledger_created));
    EXPECT_EQ(created.recorded_by(), "decklog");
    EXPECT_EQ(created.stream(), "ledger/0");
    const auto* payload = created.payload_as<fb::LedgerCreated>();
    ASSERT_NE(payload, nullptr);
    EXPECT_EQ(std::memcmp(payload->ledger_id(), ledger().ledger_id().bytes.data(), 16), 0);
    EXPECT_EQ(payload->level(), domain::limits::kLogLevel);
    EXPECT_FALSE(ledger().ledger_id().bytes == domain::Bytes16{});
    EXPECT_EQ(ledger().head(0).chain, chain_step({}, *first));
}

TEST_P(AppendContract, GivesDensePositionsAndDenseVersions) {
    for (std::uint64_t i = 1; i <= 20; ++i) {
        const Answer answer = submit(append(i % 2 == 0 ? "room/a" : "room/b"));
        ASSERT_TRUE(answer.has_value());
        EXPECT_EQ(answer->outcome, Outcome::accepted);
        EXPECT_EQ(answer->first, (domain::Position{0, i}));
        EXPECT_EQ(answer->last, answer->first);
        const FramePtr frame = ledger().frame_at(answer->first).value();
        EXPECT_EQ(frame->event(0).stream_version(), (i + 1) / 2);
        EXPECT_EQ(frame->event(0).event_id(), answer->event_ids.at(0));
        EXPECT_EQ(frame->header().recorded_at_us, answer->recorded_at_us);
    }
    EXPECT_EQ(ledger().stream_version({"default", "room/a"}).value(), 10U);
    EXPECT_EQ(ledger().stream_version({"default", "room/c"}).value(), 0U);
    EXPECT_EQ(ledger().stream_version({"other", "room/a"}).value(), 0U);
    EXPECT_EQ(ledger().head(0).next_ordinal, 21U);
}

TEST_P(AppendContract, KeepsSeveralEventsOfOneCommandInOneFrame) {
    const Answer answer = submit(counting({{"default", "s"}}, [](const auto&) {
        return domain::Events{message("s"), message("t"), message("s")};
    }));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->first, (domain::Position{0, 1}));
    EXPECT_EQ(answer->last, (domain::Position{0, 3}));
    EXPECT_EQ(answer->event_ids.size(), 3U);
    const FramePtr frame = ledger().frame_at({0, 2}).value();
    EXPECT_EQ(frame->event_count(), 3U);
    EXPECT_EQ(frame->event(0).stream_version(), 1U);
    EXPECT_EQ(frame->event(1).stream_version(), 1U);
    EXPECT_EQ(frame->event(2).stream_version(), 2U);
}

TEST_P(AppendContract, LetsEachItemOfABatchSeeTheOnesBefore) {
    std::vector<Submission> submissions;
    std::vector<std::size_t> seen;
    for (int i = 0; i < 5; ++i) {
        submissions.push_back(
            counting({{"default", "s"}, {"default", "t"}}, [&seen](const auto& sizes) {
                seen.push_back(sizes[0] * 10 + sizes[1]);
                return domain::Events{message("s")};
            }));
    }
    ASSERT_TRUE(submit(append("t")).has_value());
    const std::size_t batches = observer_.batches();
    for (const Answer& answer : submit_all(std::move(submissions))) EXPECT_TRUE(answer.has_value());
    EXPECT_EQ(seen, (std::vector<std::size_t>{1, 11, 21, 31, 41}));
    EXPECT_EQ(observer_.batches(), batches + 1);  // one fsync for all
}

TEST_P(AppendContract, FoldsWhatEarlierBatchesLeft) {
    for (std::size_t i = 0; i < 4; ++i) {
        const Answer answer = submit(counting({{"default", "s"}}, [i](const auto& sizes) {
            EXPECT_EQ(sizes.at(0), 2 * i);
            return domain::Events{message("s"), message("s")};
        }));
        ASSERT_TRUE(answer.has_value());
    }
}

TEST_P(AppendContract, ChecksTheExpectedVersionInsideTheWriter) {
    const auto expecting = [](ExpectedVersion::Kind kind, std::uint64_t version) {
        Submission submission = append("s");
        submission.expected = {kind, version, {"default", "s"}};
        return submission;
    };
    using Expected = ExpectedVersion::Kind;
    EXPECT_EQ(submit(expecting(Expected::exists, 0)).error().kind, Refused::version_conflict);
    EXPECT_EQ(submit(expecting(Expected::exact, 1)).error().kind, Refused::version_conflict);
    EXPECT_TRUE(submit(expecting(Expected::none, 0)).has_value());
    EXPECT_EQ(submit(expecting(Expected::none, 0)).error().kind, Refused::version_conflict);
    EXPECT_TRUE(submit(expecting(Expected::exists, 0)).has_value());
    EXPECT_TRUE(submit(expecting(Expected::exact, 2)).has_value());
    EXPECT_TRUE(submit(expecting(Expected::any, 0)).has_value());
    EXPECT_EQ(submit(expecting(Expected::exact, 3)).error().rejection.code, "version_conflict");
    // Within one batch as well: the second sees the first.
    const auto answers = submit_all({expecting(Expected::exact, 4), expecting(Expected::exact, 4)});
    EXPECT_TRUE(answers[0].has_value());
    EXPECT_EQ(answers[1].error().kind, Refused::version_conflict);
    EXPECT_EQ(ledger().stream_version({"default", "s"}).value(), 5U);
}

TEST_P(AppendContract, CommitsOneNotedEventWhenNothingChanges) {
    Submission nothing =
        counting({{"default", "home"}}, [](const auto&) { return domain::Events{}; });
    nothing = keyed(std::move(nothing), key(1), hash(1));
    const Answer answer = submit(nothing);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->outcome, Outcome::noted);
    const FramePtr frame = ledger().frame_at(answer->first).value();
    const domain::EventView noted = frame->event(0);
    EXPECT_TRUE(noted.is(domain::EventType::command_noted));
    EXPECT_EQ(noted.stream(), "home");
    EXPECT_STREQ(noted.payload_as<fb::CommandNoted>()->command()->c_str(), "count");
    EXPECT_EQ(frame->command_key(), key(1));
    EXPECT_EQ(submit(nothing)->outcome, Outcome::repeated);
}

TEST_P(AppendContract, DoesNotRememberARefusal) {
    bool refuse = true;
    Submission moody =
        counting({{"default", "s"}}, [&refuse](const auto&) -> domain::Decision<domain::Events> {
            if (refuse) return domain::reject("not_now", "later");
            return domain::Events{message("s")};
        });
    moody = keyed(std::move(moody), key(1), hash(1));
    const Answer refused = submit(moody);
    EXPECT_EQ(refused.error().kind, Refused::rejected);
    EXPECT_EQ(refused.error().rejection.code, "not_now");
    EXPECT_EQ(ledger().head(0).next_ordinal, 1U);
    refuse = false;
    EXPECT_EQ(submit(moody)->outcome, Outcome::accepted);
}

TEST_P(AppendContract, RefusesWhatIsOverALimitAndNamesIt) {
    const auto refusal = [this](domain::Events events) {
        const Answer answer =
            submit(counting({{"default", "s"}}, [events](const auto&) { return events; }));
        EXPECT_FALSE(answer.has_value());
        return answer ? Refusal{} : answer.error();
    };
    domain::NewEvent large = message("s");
    large.payload.resize(domain::limits::kEventBytesMax);
    large.sealed.resize(1);
    EXPECT_EQ(refusal({large}).rejection.code, "event_too_large");
    EXPECT_EQ(refusal({large}).rejection.limit, 512 * 1024);
    large.sealed.clear();
    EXPECT_EQ(refusal(domain::Events(8, large)).rejection.code, "commit_too_large");
    EXPECT_EQ(refusal(domain::Events(7, large)).rejection.code,
              "commit_too_large");  // the envelopes count too
    EXPECT_EQ(refusal({message(std::string(257, 's'))}).rejection.code, "stream_name");
    EXPECT_EQ(refusal({message("")}).rejection.code, "stream_name");
    for (const char* workspace : {"", "Clan", "a_b", "a b"}) {
        domain::NewEvent event = message("s");
        event.workspace = workspace;
        EXPECT_EQ(refusal({event}).rejection.code, "workspace");
    }
    domain::NewEvent longest = message(std::string(256, 's'));
    longest.workspace = std::string(64, 'a');
    EXPECT_TRUE(submit(append(longest)).has_value());
    EXPECT_TRUE(submit(
        counting({{"default", "s"}}, [&large](const auto&) { return domain::Events(6, large); })));
    EXPECT_EQ(ledger().head(0).next_ordinal, 8U);  // nothing of the refused ones is in the log
}

TEST_P(AppendContract, LeavesNoGapBehindARefusedItem) {
    domain::NewEvent bad = message("");
    const auto answers = submit_all(
        {append("s"),
         counting({{"default", "s"}}, [bad](const auto&) { return domain::Events{bad}; }),
         append("s")});
    EXPECT_EQ(answers[0]->first.ordinal, 1U);
    EXPECT_EQ(answers[1].error().rejection.code, "stream_name");
    EXPECT_EQ(answers[2]->first.ordinal, 2U);
    EXPECT_EQ(ledger().frame_at({0, 2}).value()->event(0).stream_version(), 2U);
}

TEST_P(AppendContract, AnswersAnEmptyCall) { EXPECT_TRUE(submit_all({}).empty()); }

}  // namespace decklog::store::contract
