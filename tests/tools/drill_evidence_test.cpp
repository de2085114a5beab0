// The document of a drill to the byte, what it keeps of a snapshot, and where it is written.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/drill_markdown.hpp"
#include "tools/decklog/drill_snapshot.hpp"
#include "tools/decklog/evidence_file.hpp"

namespace decklog::cli::drill_evidence_test {

namespace json = boost::json;
namespace fs = std::filesystem;

json::object run_of_a_rollback() {
    return json::parse(R"({
        "rollout": "lease-7", "service": "lease-api", "release": "3f2c9d1", "run": "00aa11bb22cc33dd",
        "verdict": "rollback",
        "commands": [
            {"number": 1, "words": ["kubectl", "rollout", "history", "deployment/lease-bot-api"],
             "exitCode": 0, "output": "REVISION  CHANGE-CAUSE\n3         <none>\n", "cut": false,
             "startedAt": "2026-11-26T09:00:00.000000Z", "endedAt": "2026-11-26T09:00:01.000000Z",
             "operator": "t1", "position": "7f3a9c01.0:12"},
            {"number": 2, "words": ["sh", "-c", "it's\n```"],
             "exitCode": 1, "output": "````\n# not a heading\u001b[2J\r\n\ttab", "cut": true,
             "startedAt": "2026-11-26T09:00:02.000000Z", "endedAt": "2026-11-26T09:00:03.000000Z",
             "operator": "t1", "position": "7f3a9c01.0:13"}],
        "drill": {"kind": "rollback", "environment": "staging", "sha": "3f2c9d1", "passed": false,
             "followUpOwner": "Release | duty <x>", "history": "REVISION  CHANGE-CAUSE\n3         <none>\n",
             "revision": "3",
             "snapshot": {"windowHours": 2,
                 "auditByPlatform": [{"platform": "roomies", "count": 3}, {"platform": "renthop", "count": 1}],
                 "auditByAgent": [], "auditByConversation": [{"conversationId": "```", "count": 3}]},
             "startedAt": "2026-11-26T09:00:00.000000Z", "endedAt": "2026-11-26T09:00:04.000000Z",
             "operator": "Kim Ode", "recordedBy": "token:t1", "position": "7f3a9c01.0:14"}})")
        .as_object();
}

constexpr const char* kDocument = R"(# Rollback drill: fail

| | |
|---|---|
| Result | fail |
| Operator | Kim Ode |
| Recorded by | token:t1 |
| Environment | staging |
| Service | lease-api |
| Release | 3f2c9d1 |
| SHA | 3f2c9d1 |
| Start | 2026-11-26T09:00:00.000000Z |
| End | 2026-11-26T09:00:04.000000Z |
| Chosen revision | 3 |
| Follow-up owner | Release \| duty \<x\> |
| Rollout | lease-7 |
| Run | 00aa11bb22cc33dd |
| Verdict | rollback |
| Position | 7f3a9c01.0:14 |

## Commands

### Command 1: exit code 0

2026-11-26T09:00:00.000000Z to 2026-11-26T09:00:01.000000Z

```text
$ kubectl rollout history deployment/lease-bot-api
REVISION  CHANGE-CAUSE
3         <none>
```

### Command 2: exit code 1

2026-11-26T09:00:02.000000Z to 2026-11-26T09:00:03.000000Z

`````text
$ sh -c 'it'\''s·```'
````
# not a heading·[2J
	tab
`````

The output was longer; this is its beginning.

## Rollout history

```text
REVISION  CHANGE-CAUSE
3         <none>
```

## Observability snapshot, excerpt

````json
{
  "windowHours": 2,
  "auditByPlatform": [
    {"platform":"roomies","count":3},
    {"platform":"renthop","count":1}
  ],
  "auditByAgent": [],
  "auditByConversation": [
    {"conversationId":"```","count":3}
  ]
}
````
)";

TEST(DrillMarkdown, IsMadeFromTheRunAloneToTheByte) {
    EXPECT_EQ(drill_markdown(run_of_a_rollback()), kDocument);
}

TEST(DrillMarkdown, OfARolloutHasNoHistoryAndSaysThatASnapshotIsMissing) {
    json::object run = run_of_a_rollback();
    json::object& drill = run["drill"].as_object();
    drill["kind"] = "rollout";
    drill["passed"] = true;
    for (const char* name : {"history", "revision", "snapshot", "followUpOwner"}) drill.erase(name);
    const std::string text = drill_markdown(run);
    EXPECT_TRUE(text.starts_with("# Rollout drill: pass\n")) << text;
    EXPECT_EQ(text.find("## Rollout history"), std::string::npos);
    EXPECT_EQ(text.find("Chosen revision"), std::string::npos);
    EXPECT_NE(text.find("\nNone was answered.\n"), std::string::npos);
}

std::string answer_with(std::size_t rows) {
    json::array list;
    for (std::size_t i = 0; i < rows; ++i) list.push_back(json::object{{"count", i}});
    return json::serialize(json::object{{"windowHours", 2},
                                        {"coreMetrics", json::object{}},
                                        {"signals",
                                         {{"platformFailures", json::array{}},
                                          {"auditByPlatform", list},
                                          {"auditByAgent", json::array{}},
                                          {"auditByConversation", list}}},
                                        {"recentAudit", json::array{json::object{{"a", "b"}}}},
                                        {"asOf", json::object{{"position", "0:1"}}}});
}

TEST(SnapshotExcerpt, KeepsTheFirstTenRowsOfThreeListsAndNothingOfTheEntries) {
    const auto excerpt = snapshot_excerpt(answer_with(12));
    ASSERT_TRUE(excerpt);
    EXPECT_EQ(excerpt->at("auditByPlatform").as_array().size(), 10U);
    EXPECT_EQ(excerpt->at("auditByConversation").as_array().size(), 10U);
    EXPECT_EQ(excerpt->at("auditByAgent").as_array().size(), 0U);
    EXPECT_EQ(excerpt->at("windowHours"), 2);
    EXPECT_TRUE(excerpt->contains("asOf"));
    EXPECT_EQ(excerpt->size(), 5U);
}

TEST(SnapshotExcerpt, NamesTheListsThatShowNothing) {
    json::object answer = json::parse(answer_with(1)).as_object();
    EXPECT_EQ(lists_without_rows(*snapshot_excerpt(json::serialize(answer))), "by agent");
    answer["signals"].as_object()["auditByAgent"] = json::array{1};
    EXPECT_EQ(lists_without_rows(*snapshot_excerpt(json::serialize(answer))), "");
    EXPECT_EQ(lists_without_rows(*snapshot_excerpt(answer_with(0))),
              "by platform, by agent, by conversation");
}

TEST(SnapshotExcerpt, IsNoneWhenAListIsMissing) {
    for (const char* name : {"auditByPlatform", "auditByAgent", "auditByConversation"}) {
        json::object answer = json::parse(answer_with(1)).as_object();
        answer["signals"].as_object().erase(name);
        EXPECT_FALSE(snapshot_excerpt(json::serialize(answer))) << name;
        answer["signals"].as_object()[name] = "many";
        EXPECT_FALSE(snapshot_excerpt(json::serialize(answer))) << name;
    }
    for (const char* text : {"", "[]", "{}", "{\"signals\":[]}"})
        EXPECT_FALSE(snapshot_excerpt(text)) << text;
}

class EvidenceFile : public testing::Test {
  protected:
    [[nodiscard]] std::string write(const std::string& text) const {
        const auto file = write_evidence(folder(), "rollback-drill-2026-11-26", text);
        EXPECT_TRUE(file.has_value()) << file.error().context;
        return file ? file->filename().string() : std::string();
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream file(folder() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] fs::path folder() const { return root_.path() / "docs" / "qa" / "evidence"; }

    store::TemporaryDirectory root_;
};

TEST_F(EvidenceFile, TheSecondOfADayIsNumberedAndNoneIsWrittenOver) {
    ASSERT_TRUE(make_evidence_folder(folder()));
    ASSERT_TRUE(make_evidence_folder(folder())) << "it is there";
    EXPECT_EQ(write("one"), "rollback-drill-2026-11-26.md");
    EXPECT_EQ(write("two"), "rollback-drill-2026-11-26-2.md");
    EXPECT_EQ(write("three"), "rollback-drill-2026-11-26-3.md");
    EXPECT_EQ(content("rollback-drill-2026-11-26.md"), "one");
    EXPECT_EQ(content("rollback-drill-2026-11-26-2.md"), "two");
}

TEST_F(EvidenceFile, ALinkIsNotFollowedOutOfTheFolder) {
    ASSERT_TRUE(make_evidence_folder(folder()));
    const fs::path outside = root_.path() / "outside.md";
    fs::create_symlink(outside, folder() / "rollback-drill-2026-11-26.md");
    EXPECT_EQ(write("text"), "rollback-drill-2026-11-26-2.md");
    EXPECT_FALSE(fs::exists(outside));
}

TEST_F(EvidenceFile, SaysWhatStandsInTheWay) {
    EXPECT_FALSE(write_evidence(folder(), "x", "text")) << "no folder";
    std::ofstream(root_.path() / "docs") << "a file";
    const auto made = make_evidence_folder(folder());
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().context.find("evidence"), std::string::npos);
}

}  // namespace decklog::cli::drill_evidence_test
