#include "domain/gate/report_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "tests/domain/gate/watch_builder.hpp"

namespace decklog::domain::gate::report_text_test {

std::size_t columns(const std::string& line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

WatchBuilder worse() {
    WatchBuilder watch(plain_policy());
    watch.policy_.streams[0].action = "ai_reply_error";
    watch.policy_.streams[0].platform = "roomies";
    watch.check({counts(1000, 3, 4000, 4)});
    watch.check({counts(1000, 4, 4000, 5)});
    return watch;
}

TEST(ReportText, TellsCountsEvidenceAndWhatWouldChangeIt) {
    EXPECT_EQ(report_text(worse().report()),
              R"(CONTINUE (not_proven): ai_reply_error on roomies
the evidence does not suffice yet; canary, check 2
share check: ln E 0.000, holds at 2.996
8 more clean checks would promote

ai_reply_error on roomies (required): not_proven
  canary  7 of 2000  0.3500 %
  shadow  9 of 8000  0.1125 %
  ratio   3.1111, 95 %: 0.5814 to 14.9837
  worse   ln E_R 1.409 (plain 1.965), rolls back at 2.996
  proof   ln E_P -2.148, proven at 2.996
  then    3 more canary errors in the last check would roll back
  then    7 more clean checks would prove it
)");
}

TEST(ReportText, AsMarkdownIsATable) {
    EXPECT_EQ(report_markdown(worse().report()),
              R"(**CONTINUE (not\_proven): ai\_reply\_error on roomies**

- the evidence does not suffice yet; canary, check 2
- share check: ln E 0.000, holds at 2.996
- 8 more clean checks would promote

| stream | role | state | canary | baseline | ratio | ln E\_R | ln of the proof | what would change it |
|---|---|---|---|---|---|---|---|---|
| ai\_reply\_error on roomies | required | not\_proven | 7 of 2000, 0.3500 % | shadow 9 of 8000, 0.1125 % | 3.1111, 95 %: 0.5814 to 14.9837 | 1.409 of 2.996 | -2.148 of 2.996 | 3 more canary errors in the last check would roll back; 7 more clean checks would prove it |
)");
}

TEST(ReportText, NamesTheGateThatFailedAndItsPosition) {
    WatchBuilder watch(plain_policy());
    watch.gate("ci", false);
    const auto judged = judge_gates(watch.policy_, watch.watch_, watch.gates_);
    ASSERT_TRUE(judged);
    const Report report{.judgement = judged->judgement};
    EXPECT_EQ(report_text(report),
              "ROLLBACK (gate_failed): ci\na hard gate failed; canary, check 0\n"
              "cause: position 0:100\n");
}

TEST(ReportText, OfAFloorAndOfAFrozenBaselineSaysWhatIsComparedWith) {
    Policy policy = plain_policy(2);
    policy.streams[0].baseline = BaselineKind::floor;
    policy.streams[0].floor = 0.005;
    policy.streams[1].baseline = BaselineKind::previous;
    WatchBuilder watch(policy);
    watch.watch_.frozen = {{}, {50'000, 50}};
    watch.check({counts(1000, 1, 0, 0), counts(1000, 1, 0, 0)});
    const std::string text = report_text(watch.report());
    EXPECT_NE(text.find("floor   0.5000 %\n"), std::string::npos) << text;
    EXPECT_NE(text.find("before  50 of 50000  0.1000 %\n"), std::string::npos) << text;
}

TEST(ReportText, FitsATerminalWhateverTheNamesAndCounts) {
    Policy policy = plain_policy(2);
    std::string long_name;
    for (int i = 0; i < 66; ++i) long_name += "ß";
    policy.streams[0].action = long_name;
    policy.streams[0].platform = long_name;
    policy.streams[0].floor = 0.005;
    policy.streams[1].role = StreamRole::dry_run;
    WatchBuilder watch(policy);
    const std::uint64_t many = 999'999'999'999;
    StreamCounts large = counts(many, many / 3, many, 1);
    large.canary.late = many;
    watch.check({large, large});
    std::istringstream lines(report_text(watch.report()));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(columns(line), 100U) << line;
}

TEST(ReportText, NamesWhereTheErrorsAre) {
    StreamReport stream;
    stream.stream.action = "ai_reply_error";
    stream.error_ordinals = {412, 398};
    Report report;
    report.streams = {stream};
    EXPECT_NE(report_text(report).find("errors at 0:412 0:398\n"), std::string::npos)
        << report_text(report);
    EXPECT_NE(report_markdown(report).find("- ai\\_reply\\_error, errors at 0:412 0:398\n"),
              std::string::npos)
        << report_markdown(report);
}

}  // namespace decklog::domain::gate::report_text_test
