// `decklog preflight --rollout`: results become gates of the rollout, without values, and what
// could not be recorded is told.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "store/directory/directory.hpp"
#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/preflight_rollout.hpp"

namespace decklog::cli::preflight_rollout_test {

namespace json = boost::json;

constexpr const char* kSha = "0ceb5329d1f1a2b3c4d5e6f708192a3b4c5d6e7f";

struct Said {
    int exit_code;
    std::string out, err;
};

class PreflightRollout : public testing::Test {
  protected:
    PreflightRollout() {
        { EXPECT_TRUE(store::Directory::open(path("data"), std::chrono::milliseconds(0))); }
        write(
            "profile.toml",
            "name = \"small\"\nvariables = [\"API_HOST\", \"API_PORT\"]\n"
            "[[values]]\ngate = \"runtime\"\nvariable = \"RUNTIME\"\none_of = [\"playwright\"]\n");
        write("deployed.env", "API_HOST=s3cret\nAPI_PORT=s3cret\nRUNTIME=playwright\n");
        EXPECT_EQ(decklog({"rollout", "create", "r1", "--service", "s", "--release", kSha,
                           "--baseline", "v1"})
                      .exit_code,
                  0);
    }
    void write(const char* name, const std::string& text) const {
        std::ofstream(folder_.path() / name) << text;
    }
    [[nodiscard]] std::string path(const char* name) const {
        return (folder_.path() / name).string();
    }
    [[nodiscard]] Said decklog(std::vector<std::string> words) const {
        words.insert(words.begin(), "decklog");
        words.insert(words.end(), {"--data", path("data")});
        std::vector<const char*> argv;
        for (const std::string& word : words) argv.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        const int code = run(static_cast<int>(argv.size()), argv.data());
        std::string out = testing::internal::GetCapturedStdout();
        return {code, std::move(out), testing::internal::GetCapturedStderr()};
    }
    [[nodiscard]] Said preflight(const std::string& release = kSha,
                                 const std::string& rollout = "r1") const {
        std::vector<std::string> words{"preflight",
                                       "--profile",
                                       path("profile.toml"),
                                       "--env",
                                       path("deployed.env"),
                                       "--evidence",
                                       folder_.path().string(),
                                       "--release",
                                       release};
        if (!rollout.empty()) words.insert(words.end(), {"--rollout", rollout});
        return decklog(std::move(words));
    }
    /// name=status of every result recorded, with its evidence.
    [[nodiscard]] std::vector<std::string> recorded() const {
        const Said events = decklog({"events", "--type", "GateResultRecorded", "--json"});
        EXPECT_EQ(events.exit_code, 0) << events.err;
        EXPECT_EQ(events.out.find("s3cret"), std::string::npos) << events.out;
        std::vector<std::string> all;
        std::istringstream lines(events.out);
        for (std::string line; std::getline(lines, line);) {
            const auto payload = json::parse(line).at("payload").as_object();
            EXPECT_EQ(text_of(payload, "release"), kSha);
            all.push_back(text_of(payload, "name") +
                          (text_of(payload, "passed") == "true" ? "=passed " : "=failed ") +
                          text_of(payload, "evidence"));
        }
        return all;
    }

    store::TemporaryDirectory folder_;
};

TEST_F(PreflightRollout, RecordsNothingUnlessARolloutIsNamed) {
    EXPECT_EQ(preflight(kSha, "").exit_code, 0);
    EXPECT_TRUE(recorded().empty());
}

TEST_F(PreflightRollout, RecordsEveryResultAsAGate) {
    const Said said = preflight();
    EXPECT_EQ(said.exit_code, 0) << said.err;
    EXPECT_EQ(said.err, "3 results recorded in r1\n");
    EXPECT_EQ(recorded(), (std::vector<std::string>{"env:API_HOST=passed preflight small",
                                                    "env:API_PORT=passed preflight small",
                                                    "runtime=passed preflight small"}));
}

TEST_F(PreflightRollout, RecordsWhatFailedAndWhatIsMissingAsFailed) {
    write("deployed.env", "API_HOST=s3cret\nRUNTIME=s3cret\n");
    const Said said = preflight();
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_EQ(said.err, "3 results recorded in r1\n");
    EXPECT_EQ(recorded(), (std::vector<std::string>{
                              "env:API_HOST=passed preflight small",
                              "env:API_PORT=failed preflight small, missing: not set",
                              "runtime=failed preflight small: RUNTIME is not playwright"}));
    EXPECT_EQ(decklog({"gate", "status", "--rollout", "r1"}).exit_code, 3) << "it rolls back";
}

TEST_F(PreflightRollout, TakesTheBeginningOfAShaForTheRolloutsRelease) {
    EXPECT_EQ(preflight("0ceb532").exit_code, 0);
    EXPECT_EQ(recorded().size(), 3U);
}

TEST_F(PreflightRollout, RecordsNothingInARolloutOfAnotherRelease) {
    const Said said = preflight("1111111");
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_NE(said.err.find("nothing is recorded: r1 is a rollout of " + std::string(kSha) +
                            ", not of 1111111"),
              std::string::npos)
        << said.err;
    EXPECT_NE(said.out.find("3 passed"), std::string::npos) << said.out;
    EXPECT_TRUE(recorded().empty());
}

TEST_F(PreflightRollout, SaysWhichResultCouldNotBeRecorded) {
    EXPECT_EQ(preflight(kSha, "nobody").exit_code, 1);
    EXPECT_EQ(decklog({"rollout", "stage", "r1", "aborted"}).exit_code, 0);
    const Said said = preflight();
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_NE(said.err.find("the gate env:API_HOST is not recorded (0 of 3 are): rollout_finished"),
              std::string::npos)
        << said.err;
    EXPECT_EQ(preflight(kSha, "a b").exit_code, 64);
}

TEST(GateResult, HoldsNoMoreEvidenceThanTheLogTakes) {
    const GateReport report{"r1", "small", kSha};
    const auto long_one = gate_result(report, failed("g", std::string(482, 'x') + "ä" + "y"));
    const std::string evidence = text_of(long_one, "evidence");
    EXPECT_EQ(evidence.size(), 499U) << "a character is not cut in two";
    EXPECT_TRUE(evidence.ends_with('x'));
}

}  // namespace decklog::cli::preflight_rollout_test
