// An erasure that another node of the cluster ordered is finished here too, without waiting for the
// hour; one that this node ordered is left to whoever does it.
#include "api/housekeeping.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "domain/subject/subject.hpp"
#include "store/erasure.hpp"
#include "tests/api/route_desk.hpp"

namespace decklog::api::housekeeping_test {

using testing::RouteDesk;
using namespace std::chrono_literals;

class HousekeepingTest : public ::testing::Test {
  protected:
    /// As the log of a follower tells it: the event alone, the keys are destroyed elsewhere.
    void erase_elsewhere() {
        domain::EraseSubject command;
        command.actor = {"admin", "t1"};
        command.recorded_by = "t1";
        command.now_us = desk_.clock().now_us();
        command.subject.bytes.fill(7);
        command.reason = "asked for it";
        std::vector<store::Submission> submissions(1);
        submissions.front().intent = domain::erase_subject(std::move(command));
        const auto answers =
            store::submit_and_wait(*desk_.core().ledger, 0, std::move(submissions));
        ASSERT_TRUE(answers.front());
    }
    [[nodiscard]] std::size_t unfinished() {
        return store::unfinished_erasures(*desk_.core().ledger, *desk_.core().vault).value().size();
    }

    RouteDesk desk_;
};

TEST_F(HousekeepingTest, FinishesWhatAnotherNodeErased) {
    const Housekeeping housekeeping(desk_.core(), [] { return true; });
    std::this_thread::sleep_for(200ms);  // its first look is over
    erase_elsewhere();
    EXPECT_EQ(unfinished(), 1U);
    for (int i = 0; i < 300 && unfinished() > 0; ++i) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(unfinished(), 0U);
}

TEST_F(HousekeepingTest, LeavesTheOthersToWhoeverErases) {
    const Housekeeping housekeeping(desk_.core(), [] { return false; });
    std::this_thread::sleep_for(200ms);
    erase_elsewhere();
    std::this_thread::sleep_for(4s);
    EXPECT_EQ(unfinished(), 1U);
}

}  // namespace decklog::api::housekeeping_test
