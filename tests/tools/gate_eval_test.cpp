// `decklog gate eval`: the golden numbers by hand, exit codes by verdict, and errors that name line
// and column.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/command_line.hpp"

namespace decklog::cli::gate_eval_test {

struct Said {
    int exit_code;
    std::string out, err;
};

class GateEval : public testing::Test {
  protected:
    Said eval(const std::string& batches, std::vector<std::string> more = {}) {
        const std::string file = (folder_.path() / "batches.csv").string();
        std::ofstream(file) << batches;
        std::vector<std::string> words{"decklog", "gate", "eval", "--batches", file};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<const char*> argv;
        for (const std::string& word : words) argv.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run(static_cast<int>(argv.size()), argv.data());
        std::string out = testing::internal::GetCapturedStdout();
        return {code, std::move(out), testing::internal::GetCapturedStderr()};
    }
    std::string policy(const std::string& toml) {
        const std::string file = (folder_.path() / "policy.toml").string();
        std::ofstream(file) << toml;
        return file;
    }
    std::vector<boost::json::object> objects(const std::string& batches,
                                             std::vector<std::string> more = {}) {
        more.emplace_back("--json");
        std::istringstream lines(eval(batches, std::move(more)).out);
        std::vector<boost::json::object> found;
        for (std::string line; std::getline(lines, line);)
            found.push_back(boost::json::parse(line).get_object());
        return found;
    }
    store::TemporaryDirectory folder_;
};

const std::string kHeader = "canary_units, canary_errors, baseline_units, baseline_errors\n";
const std::string kWorse = "1000,3,4000,4\n1000,4,4000,5\n900,6,4100,4\n";

std::string repeated(const std::string& line, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += line + "\n";
    return text;
}

TEST_F(GateEval, PrintsTheGoldenNumbersAndRollsBack) {
    const Said said = eval(kHeader + kWorse);
    EXPECT_EQ(said.exit_code, 3) << said.err;
    EXPECT_NE(said.out.find("0.762639      0.452325  -0.963044"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("0.2221 to 31.1039"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("5.432091      4.755993  -4.661345"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("rollback since check 3: "), std::string::npos) << said.out;
    std::istringstream lines(said.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST_F(GateEval, PrintsWhatTheDocumentationShows) {
    std::ifstream file(std::string(DECKLOG_SOURCE_DIR) + "/docs/gate.md");
    const std::string doc{std::istreambuf_iterator<char>(file), {}};
    const std::string out = eval(kHeader + kWorse).out;
    EXPECT_NE(doc.find("$ decklog gate eval --batches batches.csv\n" + out + "$ echo $?\n3\n"),
              std::string::npos)
        << out;
}

TEST_F(GateEval, ExitsByTheVerdict) {
    EXPECT_EQ(eval(repeated("1000,2,4000,8", 8)).exit_code, 4);
    EXPECT_EQ(eval(repeated("1000,2,4000,8", 9)).exit_code, 0);
    EXPECT_EQ(eval(repeated("1000,0,4000,0", 48)).exit_code, 2);
    EXPECT_EQ(eval(repeated("1000,40,4000,40", 1)).exit_code, 3);
    EXPECT_EQ(eval(repeated("1000,2,4000,8", 9) + "1000,40,4000,40\n").exit_code, 0)
        << "a promotion stays";
    EXPECT_EQ(eval(kWorse + repeated("1000,0,4000,8", 40)).exit_code, 3)
        << "and so does a rollback";
}

TEST_F(GateEval, SaysHowManyCleanChecksWouldPromote) {
    const Said said = eval(repeated("1000,2,4000,8", 8));
    EXPECT_NE(said.out.find("continue since check 1: "), std::string::npos) << said.out;
    EXPECT_NE(said.out.find("1 more clean check would promote"), std::string::npos) << said.out;
}

TEST_F(GateEval, BeyondTheHorizonSaysSo) {
    const std::string rows = repeated("1000,2,4000,8", 8);
    const std::string short_policy =
        policy("horizon = 8\n[[streams]]\naction = \"a\"\nattempts = [\"b\"]\n");
    const Said said = eval(rows, {"--policy", short_policy});
    EXPECT_EQ(said.exit_code, 2) << said.out;
    EXPECT_NE(said.out.find("(horizon_reached)\n1 more clean check beyond the horizon would still "
                            "promote\n"),
              std::string::npos)
        << said.out;
    EXPECT_EQ(eval(rows + "1000,0,4000,8\n", {"--policy", short_policy}).exit_code, 0)
        << "and so it does";
}

TEST_F(GateEval, GivesAnObjectARowAndTheVerdict) {
    const auto found = objects(kHeader + kWorse);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].at("check"), 1);
    EXPECT_EQ(found[0].at("baselineUnits"), 4000);
    EXPECT_NEAR(found[2].at("lnERPlain").as_double(), 5.432090544, 1e-9);
    EXPECT_NEAR(found[2].at("interval").at("high").as_double(), 15.064406008, 1e-9);
    EXPECT_EQ(found[2].at("verdict"), "rollback");
    EXPECT_EQ(found[3].at("verdict"), "rollback");
    EXPECT_EQ(found[3].at("reason"), "regression");
    EXPECT_EQ(found[3].at("floorDecides"), false);
    EXPECT_TRUE(objects("1000,0,4000,0\n")[0].at("interval").at("high").is_null());
}

TEST_F(GateEval, ShowsTheFloorAndLetsItDecideWhereThePolicyHasOne) {
    const auto shown = objects("1000,0,4000,0\n1000,0,4000,0\n");
    EXPECT_NEAR(shown[0].at("lnEF").as_double(), std::log(52.783967), 1e-8);
    EXPECT_EQ(shown.back().at("verdict"), "continue");
    const std::string floored =
        policy("[[streams]]\naction = \"a\"\nattempts = [\"b\"]\nfloor = 0.005\n");
    const auto decides = objects("1000,0,4000,0\n1000,0,4000,0\n", {"--policy", floored});
    EXPECT_EQ(decides.back().at("floorDecides"), true);
    EXPECT_EQ(decides.back().at("verdict"), "promote");
}

TEST_F(GateEval, TakesAlphaOfTheStreamThatIsNamed) {
    const std::string lease_bot = policy("profile = \"lease-bot\"\n");
    const auto at = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"--policy", lease_bot});
        return std::exp(objects(kWorse, std::move(more)).back().at("lnRollbackAt").as_double());
    };
    EXPECT_NEAR(at({}), 200, 1e-6);
    EXPECT_NEAR(at({"--stream", "ai_reply_error on roomies"}), 1000, 1e-6);
    EXPECT_NE(objects(kWorse, {"--policy", lease_bot}).back().at("policyHash"), "");
    EXPECT_EQ(objects(kWorse, {"--policy", "lease-bot"}), objects(kWorse, {"--policy", lease_bot}))
        << "a profile goes by its name, too";
    const Said unknown = eval(kWorse, {"--policy", lease_bot, "--stream", "nope"});
    EXPECT_EQ(unknown.exit_code, 1);
    EXPECT_TRUE(unknown.err.starts_with("decklog: the policy has no stream of that name; it has "))
        << unknown.err;
    EXPECT_NE(unknown.err.find("ai_reply_error on roomies"), std::string::npos) << unknown.err;
    const Said no_profile = eval(kWorse, {"--policy", "leasebot"});
    EXPECT_EQ(no_profile.exit_code, 1);
    EXPECT_NE(no_profile.err.find("profiles default and lease-bot"), std::string::npos)
        << no_profile.err;
}

TEST_F(GateEval, NamesLineAndColumnThatAreWrong) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "there is no row of counts"},
        {kHeader, "there is no row of counts"},
        {"1,2,3\n", "line 1: has 3 fields, not 4"},
        {"1000,3,4000,4\n\n1000,-1,4000,4\n",
         "line 3: canary_errors must be a whole number, not '-1'"},
        {"1000,3,4000,4.5\n", "line 1: baseline_errors must be a whole number, not '4.5'"},
        {"1000,,4000,4\n", "line 1: canary_errors must be a whole number, not ''"},
        {"10,11,4000,4\n", "line 1: canary_errors is more than canary_units"},
        {"10,1,40,41\n", "line 1: baseline_errors is more than baseline_units"},
        {"1000000000001,1,40,4\n", "line 1: canary_units is above 1000000000000"},
        {"99999999999999999999,1,40,4\n", "line 1: canary_units is above 1000000000000"},
        {"units,canary_errors,baseline_units,baseline_errors\n",
         "line 1: 'units' is neither a count nor a column's name (canary_units, canary_errors, "
         "baseline_units, baseline_errors)"},
        {"canary_units,canary_units,baseline_units,baseline_errors\n",
         "line 1: column canary_units is there twice"},
        {repeated("1,0,1,0", 1001), "line 1001: is past 1000 rows"},
        {std::string(5000, '1') + "\n", "line 1: is too long"},
    };
    for (const auto& [text, message] : cases) {
        const Said said = eval(text);
        EXPECT_EQ(said.exit_code, 1) << message;
        EXPECT_NE(said.err.find("batches.csv: " + message + "\n"), std::string::npos) << said.err;
        EXPECT_EQ(said.out, "") << message;
    }
}

TEST_F(GateEval, TakesColumnsInTheOrderOfTheHeader) {
    const auto plain = objects("1000,3,4000,4\n");
    const auto turned = objects(
        "# by "
        "hand\nbaseline_errors,baseline_units,canary_errors,canary_units\r\n4,4000,3,1000\r\n");
    EXPECT_EQ(plain, turned);
}

TEST_F(GateEval, RefusesAPolicyWithItsLine) {
    const Said said = eval(kWorse, {"--policy", policy("alpha = 0.05\nhorizont = 3\n")});
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_NE(said.err.find("policy.toml: line 2: horizont is not a key"), std::string::npos)
        << said.err;
    EXPECT_EQ(eval(kWorse, {"--policy", "/nonexistent/p.toml"}).exit_code, 1);
    EXPECT_EQ(eval(kWorse, {"--stream", "a"}).exit_code, 64) << "a stream of which policy?";
}

TEST_F(GateEval, AVerdictsExitCodeIsNeverThatOfAFailure) {
    for (const char* batches : {"1000,2,4000,8\n", "1000,40,4000,40\n"}) {
        const int code = eval(batches).exit_code;
        EXPECT_TRUE(code == 3 || code == 4) << code;
    }
    std::vector<const char*> argv{"decklog", "gate", "eval"};
    testing::internal::CaptureStderr();
    EXPECT_EQ(run(3, argv.data()), 64);
    testing::internal::GetCapturedStderr();
}

}  // namespace decklog::cli::gate_eval_test
