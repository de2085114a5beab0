// The level of the log: nothing above it is written, and a log above the build is not opened.
#include "domain/ledger/level.hpp"
#include "domain/limits.hpp"
#include "store/log_state.hpp"
#include "tests/contract/ledger_contract.hpp"

namespace decklog::store::contract {

class LevelContract : public LedgerContract {
  protected:
    static Submission raise_to(std::uint32_t level, std::uint32_t known_level) {
        domain::RaiseLevel command;
        command.level = level;
        command.known_level = known_level;
        command.stream = "ledger/0";
        command.actor = {"operator", "ops"};
        command.recorded_by = "token:ops";
        Submission submission;
        submission.intent = domain::raise_level(std::move(command));
        return submission;
    }
    [[nodiscard]] std::uint32_t level() { return log_level(ledger(), 0).value(); }
};

TEST_P(LevelContract, BeginsAtTheLevelOfTheBuild) {
    EXPECT_EQ(level(), domain::limits::kLogLevel);
    EXPECT_TRUE(submit(append("s")).has_value());
}

TEST_P(LevelContract, HoldsNoEventAboveItsLevelUntilThatIsRaised) {
    options_.new_log_level = 0;
    const Answer refused = submit(append("s"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().rejection.code, "level_too_low");
    EXPECT_EQ(refused.error().rejection.limit, 1);
    // In one turn: what follows the raise sees it.
    const auto answers = submit_all({append("s"), raise_to(1, 1), append("s")});
    EXPECT_FALSE(answers[0].has_value());
    EXPECT_TRUE(answers[1].has_value());
    EXPECT_TRUE(answers[2].has_value());
    EXPECT_EQ(level(), 1U);
    EXPECT_EQ(submit(raise_to(1, 1))->outcome, Outcome::noted);
}

INSTANTIATE_TEST_SUITE_P(Ledgers, LevelContract, testing::Values(Kind::memory, Kind::rocks),
                         name_of);

}  // namespace decklog::store::contract
