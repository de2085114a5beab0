#include "api/gate/policy_file.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <tuple>

#include "domain/gate/profiles.hpp"

namespace decklog::api::policy_file_test {

namespace gate = domain::gate;

std::string refusal(std::string_view toml) {
    const auto policy = parse_policy(toml);
    if (policy) return "";
    EXPECT_EQ(policy.error().code, "invalid_policy");
    return policy.error().message;
}

TEST(PolicyFile, AnEmptyOneIsTheDefault) {
    const auto policy = parse_policy("# nothing\n");
    ASSERT_TRUE(policy) << policy.error().message;
    EXPECT_EQ(*policy, gate::default_policy());
}

TEST(PolicyFile, BeginsFromAProfileAndChangesWhatIsWritten) {
    const auto changed = parse_policy("profile = \"lease-bot\"\nalpha = 0.01\n");
    ASSERT_TRUE(changed) << changed.error().message;
    gate::Policy expected = gate::lease_bot_policy();
    expected.alpha = 0.01;
    EXPECT_EQ(*changed, expected);
}

TEST(PolicyFile, StreamsThatAreWrittenTakeThePlaceOfAll) {
    const auto policy = parse_policy(R"(
[[streams]]
action = "checkout_failed"
platform = "web"
role = "required"
weight = 3
attempts = ["checkout_started"]
unit = "conversation"
baseline = "floor"
floor = 0.01
)");
    ASSERT_TRUE(policy) << policy.error().message;
    ASSERT_EQ(policy->streams.size(), 1U);
    const gate::StreamPolicy& stream = policy->streams[0];
    EXPECT_EQ(stream.platform, "web");
    EXPECT_EQ(stream.weight, 3);
    EXPECT_EQ(stream.unit, gate::UnitOf::conversation);
    EXPECT_EQ(stream.baseline, gate::BaselineKind::floor);
    EXPECT_EQ(stream.floor, 0.01);
}

TEST(PolicyFile, NamesTheLineThatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"alpha = 0.05\nhorizont = 3\n", "line 2: horizont is not a key that decklog knows"},
        {"\n\nalpha = \"5 %\"\n", "line 3: alpha must be a number"},
        {"alpha = 0.7", "line 1: alpha must be from 0.000001 to 0.5"},
        {"alpha = nan", "line 1: alpha must be from 0.000001 to 0.5"},
        {"horizon = -1", "line 1: horizon must be a whole number from 0 to 4294967295"},
        {"horizon = 4.5", "line 1: horizon must be a whole number from 0 to 4294967295"},
        {"restart = 1", "line 1: restart must be true or false"},
        {"alpha = 0.05\nalpha = 0.06\n", "line 2: column 9 is not TOML"},
        {"alpha = \n", "line 1: column 9 is not TOML"},
        {"profile = \"lease\"", "line 1: profile must be one of default, lease-bot"},
        {"silence = 3", "line 1: silence must be a table"},
        {"[silence]\nchecks = 3\nminutes = 10\n",
         "line 3: silence.minutes is not a key that decklog knows"},
        {"[grids]\nregression = [[2, 0.5],\n  [3]]\n",
         "line 3: grids.regression[1] must be a pair of a value and its weight"},
        {"[grids]\nregression = [[2, 0.5], [3, 0.4]]\n",
         "line 2: grids.regression weights must sum to 1"},
        {"required_platforms = [\"a\",\n\"b\",\n\"a\"]",
         "line 3: required_platforms[2] is there twice"},
        {"canary_weights = [5, \"all\"]", "line 1: canary_weights[1] must be a number"},
        {"canary_weights = [25, 5]",
         "line 1: canary_weights[1] must be a percentage below 100 and above the step before"},
        {"streams = []", "line 1: streams must be 1 to 64"},
        {"streams = 1", "line 1: streams must be a list"},
        {"[[streams]]\naction = \"a\"\n",
         "line 1: streams[0].attempts must name the actions that count a unit as attempted"},
        {"[[streams]]\naction = \"a\"\nattempts = [\"b\"]\n\n[[streams]]\naction = \"c\"\nattempts "
         "= [\"b\"]\nrole = \"muted\"\n",
         "line 8: streams[1].role must be one of required, advisory, dry_run"},
        {"[[streams]]\naction = \"a\"\nattempts = [\"b\"]\nfloor_only = true\n",
         "line 4: streams[0].floor_only needs a floor to be promoted by"},
        {"[[streams]]\naction = \"a\"\nattempt = [\"b\"]\n",
         "line 3: streams[0].attempt is not a key that decklog knows"},
    };
    for (const auto& [toml, message] : cases) EXPECT_EQ(refusal(toml), message) << toml;
}

TEST(PolicyFile, TellsTheBoundThatWasBroken) {
    const std::string stream = "[[streams]]\naction = \"a\"\nattempts = [\"b\"]\n";
    const std::tuple<std::string, const char*, std::optional<std::int64_t>> cases[] = {
        {"horizon = 1001", "horizon", 1000},
        {"horizon = 0", "horizon", 1},
        {"horizon = -1", "horizon", 0},
        {"horizon = 4294967296", "horizon", 4'294'967'295},
        {"ratio_ok = 100.5", "ratio_ok", 100},
        {"canary_weights = [5, 100]", "canary_weights[1]", 100},
        {"canary_weights = []", "canary_weights", 1},
        {"seal_every_seconds = 10\nfull_watch_seconds = 45010", "full_watch_seconds", 45'000},
        {stream + "baseline_errors = 29", "streams[0].baseline_errors", 30},
        {stream + "weight = 1000001", "streams[0].weight", 1'000'000},
        {stream + "floor = 1", "streams[0].floor", 1},
        {"alpha = 0.7", "alpha", std::nullopt},  // 0.5, which is no whole number
        {"alpha = nan", "alpha", std::nullopt},
    };
    for (const auto& [toml, field, limit] : cases) {
        const auto policy = parse_policy(toml);
        ASSERT_FALSE(policy) << toml;
        EXPECT_EQ(policy.error().field, field);
        EXPECT_EQ(policy.error().limit, limit) << toml;
    }
}

TEST(PolicyFile, RefusesWhatIsTooLarge) {
    EXPECT_EQ(refusal("# " + std::string(kPolicyBytesMax, 'x')), "the policy is too large");
}

TEST(PolicyHash, IsOfThePolicyAndNotOfTheWayItIsWritten) {
    const auto written = parse_policy("horizon = 48 # checks\nalpha = 5e-2\nratio_ok = 1.0\n");
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(policy_hash(*written), policy_hash(gate::default_policy()));
    EXPECT_NE(policy_hash(gate::default_policy()), policy_hash(gate::lease_bot_policy()));
}

TEST(PolicyHash, OfTheCanonicalTextReadBackIsTheSame) {
    gate::Policy odd = gate::lease_bot_policy();
    odd.alpha = 0.1 + 0.2 - 0.27;
    odd.streams[0].action = R"(quote " and back\slash ü)";
    for (const gate::Policy& policy : {gate::default_policy(), gate::lease_bot_policy(), odd}) {
        const auto back = parse_policy(gate::canonical_text(policy));
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(*back, policy);
        EXPECT_EQ(policy_hash(*back), policy_hash(policy));
    }
}

// Verdicts are kept under the hash: a new build may not give an old policy another one.
TEST(PolicyHash, StaysTheSameFromBuildToBuild) {
    EXPECT_EQ(policy_hash(gate::default_policy()),
              "24c4ff53baef68fc687418fbbae38ca9742342f53c34122aab892f7238bdfadf");
}

}  // namespace decklog::api::policy_file_test
