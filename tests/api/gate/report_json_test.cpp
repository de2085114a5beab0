#include "api/gate/report_json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <vector>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::api::report_json_test {

namespace gate = domain::gate;

std::string json_of(const gate::Report& report) {
    JsonWriter out;
    out.begin_object();
    write_report(out, report, [](std::uint64_t ordinal) { return "c:" + std::to_string(ordinal); });
    out.end_object();
    return out.take();
}

TEST(ReportJson, HasVerdictStreamsAndWhatWouldChangeIt) {
    gate::WatchBuilder watch(gate::plain_policy());
    watch.check({gate::counts(1000, 3, 4000, 4)});
    watch.check({gate::counts(1000, 4, 4000, 5)});
    EXPECT_EQ(
        json_of(watch.report()),
        R"({"verdict":"continue","reason":"not_proven","subject":"a","stage":"canary","check":2,)"
        R"("provenInARow":0,"cleanChecksToPromote":8,"lnShare":0,"lnShareHoldsAt":2.995732274,)"
        R"("openGates":[],"streams":[{"action":"a","role":"required","state":"not_proven",)"
        R"("canary":{"units":2000,"errors":7,"attempted":2000,"late":0,"rate":0.0035},)"
        R"("baseline":{"kind":"concurrent","units":8000,"errors":9,"attempted":8000,"late":0,)"
        R"("rate":0.001125},"ratio":3.111111111,)"
        R"("interval":{"low":0.581367769,"high":14.983733908},"lnERPlain":1.965498489,)"
        R"("lnER":1.409037196,"lnRollbackAt":2.995732274,"lnEP":-2.147543842,)"
        R"("lnForPromotion":-2.147543842,"lnPromoteAt":2.995732274,"cleanChecksToProve":7,)"
        R"("errorsToRollBack":3}]})");
}

TEST(ReportJson, LeavesOutWhatIsNotThere) {
    gate::Policy policy = gate::plain_policy(2);
    policy.streams[0].baseline = gate::BaselineKind::floor;
    policy.streams[0].floor = 0.005;
    policy.streams[1].baseline = gate::BaselineKind::previous;
    policy.streams[1].platform = "roomies";
    policy.required_gates = {"ci"};
    gate::WatchBuilder watch(policy);
    watch.watch_.frozen = {{}, {50'000, 50}};
    watch.check({gate::counts(1000, 0, 0, 0), gate::counts(1000, 0, 0, 0)});
    const auto report = boost::json::parse(json_of(watch.report())).get_object();
    EXPECT_EQ(report.at("openGates"), (boost::json::array{"ci"}));
    const auto& floor = report.at("streams").at(0).get_object();
    EXPECT_FALSE(floor.contains("interval") || floor.contains("ratio"));
    EXPECT_EQ(floor.at("baseline").get_object().size(), 2U) << "kind and floor";
    EXPECT_TRUE(floor.contains("lnEF"));
    const auto& frozen = report.at("streams").at(1).get_object();
    EXPECT_EQ(frozen.at("platform"), "roomies");
    EXPECT_EQ(frozen.at("baseline").at("units"), 50'000);
    EXPECT_EQ(frozen.at("interval").at("low"), 0);
}

TEST(ReportJson, AtFullTheShadowIsAFrozenBaseline) {
    gate::WatchBuilder watch(gate::plain_policy(2), gate::Stage::full);
    watch.watch_.frozen = {{50'000, 50}, {}};
    watch.check({gate::counts(1000, 1, 3, 2), gate::counts(1000, 1, 3, 2)});
    const auto report = boost::json::parse(json_of(watch.report())).get_object();
    const auto baseline = [&report](std::size_t stream) {
        return report.at("streams").at(stream).at("baseline");
    };
    EXPECT_EQ(baseline(0).at("kind"), "frozen");
    EXPECT_EQ(baseline(0).at("units"), 50'000);
    EXPECT_EQ(baseline(1).at("kind"), "frozen");
    EXPECT_EQ(baseline(1).at("units"), 0) << "none was found";
}

TEST(ReportJson, NamesPositionsByTheirCursors) {
    gate::WatchBuilder watch(gate::plain_policy());
    watch.check({gate::counts(1000, 3, 4000, 4)});
    gate::Report report = watch.report();
    report.judgement.cause = 11;
    report.streams[0].error_ordinals = {2055, 1999};
    const auto said = boost::json::parse(json_of(report)).get_object();
    EXPECT_EQ(said.at("cause"), "c:11");
    EXPECT_EQ(said.at("streams").at(0).at("errorPositions"),
              (boost::json::array{"c:2055", "c:1999"}));
}

TEST(ReportJson, TheSameChecksGiveTheSameBytes) {
    const auto text = [] {
        gate::WatchBuilder watch(gate::lease_bot_policy());
        watch.checks(7, std::vector<gate::StreamCounts>(26, gate::counts(1000, 3, 4000, 9)));
        return json_of(watch.report());
    };
    EXPECT_EQ(text(), text());
}

}  // namespace decklog::api::report_json_test
