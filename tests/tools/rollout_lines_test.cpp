// What `decklog rollout show` prints of a rollout: gates, override and drills by their last result.
#include "tools/decklog/rollout_lines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "tools/decklog/terminal.hpp"

namespace decklog::cli::rollout_lines_test {

namespace json = boost::json;

constexpr const char* kNow = "2026-11-26T10:00:00.000000Z";

json::object rollout() {
    return json::parse(R"({"id": "lease-7", "service": "lease-api", "release": "v2",
        "baselineRelease": "v1", "stage": "canary", "weight": 5, "checks": 3, "policyHash": "ab",
        "gates": [{"name": "ci", "status": "failed", "release": "v2"},
                  {"name": "e2e", "status": "failed", "release": "v1"},
                  {"name": "ci", "status": "passed", "release": "v2"}],
        "override": {"reason": "seen by hand", "by": "t1",
                     "expiresAt": "2026-11-26T11:30:00.000000Z"},
        "standing": {"verdict": "continue", "reason": "not_judged"},
        "lastVerdict": {"verdict": "promote", "reason": "exposure_met"},
        "drills": [{"kind": "rollout", "passed": true, "run": "a1", "environment": "staging"},
                   {"kind": "rollback", "passed": true, "run": "b2", "environment": "staging"},
                   {"kind": "rollback", "passed": false, "run": "c3", "environment": "staging",
                    "followUpOwner": "duty"}]})")
        .as_object();
}

std::string text(const json::object& shown) {
    std::string all;
    for (const std::string& line : rollout_lines(shown, kNow)) all += line + "\n";
    return all;
}

TEST(RolloutLines, ShowTheLastResultOfEachGateAndDrillAndTheOverride) {
    EXPECT_EQ(text(rollout()), R"(rollout          lease-7
service          lease-api
release          v2
baseline         v1
stage            canary
weight           5
checks           3
policy           ab
gate             ci: passed
gate             e2e: failed (release v1)
override         until 2026-11-26T11:30:00Z by t1
override reason  seen by hand
drill            rollout: passed in staging, run a1
drill            rollback: failed in staging, run c3, owner duty
verdict          continue: not_judged
)");
}

TEST(RolloutLines, ASmallWeightIsADecimal) {
    for (const auto& [weight, shown] :
         {std::pair{0.001, "0.001"}, std::pair{12.5, "12.5"}, std::pair{5.0, "5"}}) {
        json::object small = rollout();
        small["weight"] = weight;
        EXPECT_NE(text(small).find("\nweight           " + std::string(shown) + "\n"),
                  std::string::npos)
            << text(small);
    }
}

TEST(RolloutLines, AnOverrideThatEndedIsNotInForce) {
    json::object shown = rollout();
    shown["override"].as_object()["expiresAt"] = kNow;
    EXPECT_EQ(text(shown).find("override"), std::string::npos);
    shown["override"] = nullptr;
    EXPECT_EQ(text(shown).find("override"), std::string::npos);
}

TEST(RolloutLines, OfAVerdictHaveItsSubject) {
    json::object shown = rollout();
    shown["standing"] = {{"verdict", "rollback"}, {"reason", "gate_failed"}, {"subject", "ci"}};
    EXPECT_TRUE(text(shown).ends_with("verdict          rollback: gate_failed ci\n"));
}

TEST(RolloutLines, FitAHundredColumnsAndDriveNoTerminal) {
    const std::string long_name(128, 'n');
    json::object shown = rollout();
    shown["gates"] = {{{"name", long_name}, {"status", "failed"}, {"release", long_name}}};
    shown["override"] = {{"reason", "\x1b[2J" + std::string(500, 'r')},
                         {"by", long_name},
                         {"expiresAt", "2026-11-26T11:30:00.000000Z"}};
    shown["drills"] = {{{"kind", "rollback"},
                        {"passed", false},
                        {"run", long_name},
                        {"environment", long_name},
                        {"followUpOwner", std::string(200, 'o')}}};
    const auto lines = rollout_lines(shown, kNow);
    for (const std::string& line : lines) {
        const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        });
        EXPECT_LE(static_cast<std::size_t>(columns), kColumnsMax) << line;
        EXPECT_EQ(line.find('\x1b'), std::string::npos);
    }
    EXPECT_NE(text(shown).find(": failed (release nnn"), std::string::npos) << text(shown);
}

}  // namespace decklog::cli::rollout_lines_test
