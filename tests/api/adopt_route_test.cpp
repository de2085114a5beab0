// A forked ledger is held until an administrator adopts it: the probes, the route.
#include <gtest/gtest.h>

#include "api/health.hpp"
#include "store/fork/fork.hpp"
#include "store/frame/frame.hpp"
#include "tests/api/route_desk.hpp"

namespace decklog::api::adopt_route_test {

using namespace decklog::api::testing;

class AdoptRoute : public ::testing::Test {
  protected:
    void fork() {
        domain::LedgerOrder order;
        order.actor = {"system", "decklog"};
        order.recorded_by = "decklog";
        order.now_us = desk_.clock().now_us();
        ASSERT_TRUE(store::fork(*desk_.core().ledger, *desk_.core().vault, *desk_.core().random,
                                order, "restore"));
    }
    Answer adopt(std::string body = "{}") {
        return desk_.ask(
            {.method = Method::post, .target = "/api/admin/adopt", .body = std::move(body)});
    }
    [[nodiscard]] Component outbound() {
        for (Component& component : HealthReader(desk_.core()).read().components) {
            if (component.name == "outbound") return component;
        }
        ADD_FAILURE() << "no component";
        return {};
    }

    RouteDesk desk_;
};

TEST_F(AdoptRoute, HasNothingToDoWithoutAFork) {
    EXPECT_EQ(outbound().state, "ready");
    const std::uint64_t before = desk_.core().ledger->head(0).next_ordinal;
    const auto body = object_of(adopt());
    EXPECT_EQ(body.at("outcome"), "not_held");
    EXPECT_FALSE(body.contains("position"));
    EXPECT_EQ(desk_.core().ledger->head(0).next_ordinal, before) << "nothing is written";
}

TEST_F(AdoptRoute, EndsTheHoldAndSaysWhatIsOpen) {
    fork();
    EXPECT_EQ(outbound().state, "held");
    EXPECT_FALSE(outbound().is_ok);
    EXPECT_FALSE(outbound().blocks_ingest || outbound().blocks_queries)
        << "what a fork may do already goes on";
    const Answer answer = adopt();
    EXPECT_EQ(answer.status, 200);
    const auto body = object_of(answer);
    EXPECT_EQ(body.at("outcome"), "adopted");
    EXPECT_EQ(body.at("open").as_object().at("deliveries"), 0);
    EXPECT_EQ(body.at("position").as_string(), header_of(answer, "Decklog-Position"));
    EXPECT_EQ(outbound().state, "ready");
    const auto frame = desk_.core().ledger->frame_at({0, 2}).value();
    EXPECT_TRUE(frame->event(0).is(domain::EventType::ledger_adopted));
    EXPECT_EQ(frame->event(0).recorded_by(), "token:tester");
    EXPECT_EQ(object_of(adopt()).at("outcome"), "not_held");
}

TEST_F(AdoptRoute, TakesAPositionOfThisLedgerThatExists) {
    const std::string before = domain::to_cursor(desk_.core().ledger->ledger_id(), {0, 0});
    fork();
    EXPECT_EQ(adopt(R"({"since":")" + before + R"("})").status, 409) << "of before the fork";
    EXPECT_EQ(adopt(R"({"since":"0:99"})").status, 400);
    EXPECT_EQ(adopt(R"({"since":7})").status, 400);
    EXPECT_EQ(adopt(R"({"from":"0:1"})").status, 400);
    EXPECT_EQ(outbound().state, "held");
    EXPECT_EQ(adopt(R"({"since":"0:1"})").status, 200);
}

TEST_F(AdoptRoute, CursorsOfBeforeTheForkAreOfAnotherLedger) {
    const std::string before = domain::to_cursor(desk_.core().ledger->ledger_id(), {0, 0});
    EXPECT_EQ(desk_.get("/api/events?cursor=" + before).status, 200);
    fork();
    EXPECT_EQ(desk_.get("/api/events?cursor=" + before).status, 409);
}

}  // namespace decklog::api::adopt_route_test
