#include "domain/gate/policy.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "domain/gate/profiles.hpp"
#include "domain/registry.hpp"

namespace decklog::domain::gate::policy_test {

using Change = std::function<void(Policy&)>;

struct Case {
    const char* field;
    Change change;
};

std::string refused_field(const Change& change) {
    Policy policy = default_policy();
    change(policy);
    const auto refusal = refusal_of(policy);
    if (!refusal) return "";
    EXPECT_EQ(refusal->code, "invalid_policy");
    EXPECT_FALSE(refusal->message.empty());
    return refusal->field;
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Policy, ProfilesCanBeUsed) {
    for (const char* name : {"default", "lease-bot"}) {
        const auto policy = find_profile(name);
        ASSERT_TRUE(policy) << name;
        const auto refusal = refusal_of(*policy);
        EXPECT_FALSE(refusal) << name << ": " << refusal->field << " " << refusal->message;
    }
    EXPECT_FALSE(find_profile("Lease-Bot"));
}

TEST(Policy, RefusesWhatWouldVoidTheGuarantee) {
    const Case cases[] = {
        {"alpha", [](Policy& p) { p.alpha = 0; }},
        {"alpha", [](Policy& p) { p.alpha = 0.6; }},
        {"alpha", [](Policy& p) { p.alpha = kNan; }},
        {"ratio_ok", [](Policy& p) { p.ratio_ok = 0; }},
        {"ratio_ok", [](Policy& p) { p.ratio_ok = kNan; }},
        {"ratio_bad", [](Policy& p) { p.ratio_bad = 1; }},
        {"ratio_bad", [](Policy& p) { p.ratio_bad = kInfinity; }},
        {"horizon", [](Policy& p) { p.horizon = 0; }},
        {"horizon", [](Policy& p) { p.horizon = 1001; }},
        {"consecutive_checks", [](Policy& p) { p.consecutive_checks = 0; }},
        {"consecutive_checks", [](Policy& p) { p.consecutive_checks = 49; }},
        {"full_watch_seconds", [](Policy& p) { p.full_watch_seconds = 2'592'001; }},
        {"seal_every_seconds", [](Policy& p) { p.seal_every_seconds = 9; }},
        {"full_watch_seconds",
         [](Policy& p) {
             p.full_watch_seconds = 45'010;
             p.seal_every_seconds = 10;
         }},
        {"seal_units", [](Policy& p) { p.seal_units = 0; }},
        {"gap_share", [](Policy& p) { p.gap_share = kNan; }},
        {"silence.checks", [](Policy& p) { p.silence.checks = 0; }},
        {"silence.expected_units", [](Policy& p) { p.silence.expected_units = -1; }},
        {"canary_weights", [](Policy& p) { p.canary_weights = {}; }},
        {"canary_weights[1]",
         [](Policy& p) {
             p.canary_weights = {5, 5};
         }},
        {"canary_weights[1]",
         [](Policy& p) {
             p.canary_weights = {5, 20.0001};
         }},
        {"canary_weights[0]", [](Policy& p) { p.canary_weights = {1e-9}; }},
        {"canary_weights[0]", [](Policy& p) { p.canary_weights = {0}; }},
        {"canary_weights[0]", [](Policy& p) { p.canary_weights = {100}; }},
        {"grids.regression", [](Policy& p) { p.grids.regression = {}; }},
        {"grids.regression",
         [](Policy& p) {
             p.grids.regression = {{1, 1}};
         }},
        {"grids.regression",
         [](Policy& p) {
             p.grids.regression = {{2, 0.5}, {3, 0.6}};
         }},
        {"grids.regression",
         [](Policy& p) {
             p.grids.regression = {{2, 1.5}, {3, -0.5}};
         }},
        {"grids.regression",
         [](Policy& p) {
             p.grids.regression = {{2, kNan}};
         }},
        {"grids.promotion",
         [](Policy& p) {
             p.grids.promotion = {{2, 1}};
         }},
        {"grids.promotion",
         [](Policy& p) {
             p.grids.promotion = {{0, 1}};
         }},
        {"grids.floor",
         [](Policy& p) {
             p.grids.floor = {{1, 1}};
         }},
        {"grids.floor",
         [](Policy& p) {
             p.grids.floor = {{0, 1}};
         }},
        {"grids.floor_regression",
         [](Policy& p) {
             p.grids.floor_regression = {{1, 1}};
         }},
        {"grids.share",
         [](Policy& p) {
             p.grids.share = {{1, 1}};
         }},
        {"required_platforms[1]",
         [](Policy& p) {
             p.required_platforms = {"a", "a"};
         }},
        {"required_platforms[0]", [](Policy& p) { p.required_platforms = {""}; }},
        {"required_gates[0]", [](Policy& p) { p.required_gates = {"two words"}; }},
        {"required_drills[1]",
         [](Policy& p) {
             p.required_drills = {"rollback", "fire"};
         }},
        {"streams", [](Policy& p) { p.streams = {}; }},
        {"streams", [](Policy& p) { p.streams.resize(65, p.streams[0]); }},
        {"streams",
         [](Policy& p) {
             for (auto& stream : p.streams) stream.role = StreamRole::advisory;
         }},
        {"streams[4].action", [](Policy& p) { p.streams.push_back(p.streams[0]); }},
        {"streams[0].action", [](Policy& p) { p.streams[0].action = ""; }},
        {"streams[0].platform", [](Policy& p) { p.streams[0].platform = "a\nb"; }},
        {"streams[0].weight", [](Policy& p) { p.streams[0].weight = 0; }},
        {"streams[0].weight", [](Policy& p) { p.streams[0].weight = kInfinity; }},
        {"streams[0].attempts", [](Policy& p) { p.streams[0].attempts = {}; }},
        {"streams[0].floor", [](Policy& p) { p.streams[0].floor = 1; }},
        {"streams[0].floor", [](Policy& p) { p.streams[0].floor = 1e-12; }},
        {"streams[2].floor", [](Policy& p) { p.streams[2].baseline = BaselineKind::floor; }},
        {"streams[0].floor",
         [](Policy& p) {
             p.streams[0].baseline = BaselineKind::floor;
             p.streams[0].floor = 0.1;  // ten times it is everything
         }},
        {"streams[2].floor_only", [](Policy& p) { p.streams[2].floor_only = true; }},
        {"streams[0].baseline_errors", [](Policy& p) { p.streams[0].baseline_errors = 29; }},
    };
    for (const Case& each : cases) EXPECT_EQ(refused_field(each.change), each.field);
    EXPECT_EQ(refused_field([](Policy&) {}), "");
}

TEST(Policy, SharesOfAlphaSumToOneWithoutStreamsThatAreOnlyShown) {
    Policy policy = default_policy();
    policy.streams[0].weight = 5;
    policy.streams[3].role = StreamRole::dry_run;
    EXPECT_DOUBLE_EQ(alpha_share(policy, 0), 5.0 / 7);
    EXPECT_DOUBLE_EQ(alpha_share(policy, 1), 1.0 / 7);
    EXPECT_EQ(alpha_share(policy, 3), 0);
}

TEST(Policy, TheLeaseBotWatchesEachPlatformAndProvesAllTogether) {
    const Policy policy = lease_bot_policy();
    EXPECT_EQ(policy.required_platforms,
              (std::vector<std::string>{"spareroom", "roomies", "leasebreak", "renthop",
                                        "furnishedfinder"}));
    ASSERT_EQ(policy.streams.size(), 26U);
    std::set<std::string> required;
    for (const StreamPolicy& stream : policy.streams) {
        if (stream.role == StreamRole::required) {
            required.insert(stream.action);
            EXPECT_EQ(stream.platform, "");
        }
    }
    EXPECT_EQ(required, (std::set<std::string>{"platform_dispatch_error", "platform_dispatch_dlq",
                                               "ai_reply_error", "showing_booking_failed"}));
    EXPECT_DOUBLE_EQ(alpha_share(policy, 0), 1.0 / 10);
    EXPECT_DOUBLE_EQ(alpha_share(policy, 25), 1.0 / 50);
}

TEST(Policy, ProfilesNameActionsThatServicesSend) {
    for (const StreamPolicy& stream : lease_bot_policy().streams) {
        EXPECT_NE(find_action(stream.action), nullptr) << stream.action;
        for (const std::string& attempt : stream.attempts)
            EXPECT_NE(find_action(attempt), nullptr) << attempt;
    }
}

TEST(CanonicalText, DiffersWithEveryKey) {
    std::set<std::string> texts{canonical_text(default_policy())};
    const Change changes[] = {
        [](Policy& p) { p.alpha = 0.01; },
        [](Policy& p) { p.ratio_ok = 1.25; },
        [](Policy& p) { p.ratio_bad = 3; },
        [](Policy& p) { p.horizon = 47; },
        [](Policy& p) { p.restart = false; },
        [](Policy& p) { p.consecutive_checks = 3; },
        [](Policy& p) { p.minimum_exposure = 1; },
        [](Policy& p) {
            p.canary_weights = {5, 25};
        },
        [](Policy& p) { p.full_watch_seconds = 1; },
        [](Policy& p) { p.seal_every_seconds = 11; },
        [](Policy& p) { p.seal_units = 1; },
        [](Policy& p) { p.gap_share = 0.2; },
        [](Policy& p) { p.required_platforms = {"a"}; },
        [](Policy& p) { p.required_gates = {"a"}; },
        [](Policy& p) { p.required_drills = {"rollout"}; },
        [](Policy& p) { p.silence.checks = 4; },
        [](Policy& p) { p.silence.seconds = 4; },
        [](Policy& p) { p.silence.expected_units = 4; },
        [](Policy& p) {
            p.grids.regression = {{2, 1}};
        },
        [](Policy& p) {
            p.grids.promotion = {{1, 1}};
        },
        [](Policy& p) {
            p.grids.floor = {{0.5, 1}};
        },
        [](Policy& p) {
            p.grids.floor_regression = {{2, 1}};
        },
        [](Policy& p) {
            p.grids.share = {{0.5, 1}};
        },
        [](Policy& p) { p.streams.pop_back(); },
        [](Policy& p) { p.streams[0].action = "a"; },
        [](Policy& p) { p.streams[0].platform = "a"; },
        [](Policy& p) { p.streams[0].role = StreamRole::dry_run; },
        [](Policy& p) { p.streams[0].weight = 2; },
        [](Policy& p) { p.streams[0].attempts = {"a"}; },
        [](Policy& p) { p.streams[0].unit = UnitOf::stream; },
        [](Policy& p) { p.streams[0].baseline = BaselineKind::concurrent; },
        [](Policy& p) { p.streams[0].floor = 0.25; },
        [](Policy& p) { p.streams[0].floor_only = false; },
        [](Policy& p) { p.streams[0].baseline_errors = 31; },
    };
    for (const Change& change : changes) {
        Policy policy = default_policy();
        change(policy);
        EXPECT_TRUE(texts.insert(canonical_text(policy)).second) << canonical_text(policy);
    }
}

}  // namespace decklog::domain::gate::policy_test
