// What people and scripts see of the command line itself: one form of errors, exit codes, tables
// that fit, and answers that do not come from half a view.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <sstream>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::command_line {

namespace json = boost::json;

constexpr int kActions = 20'000;

class CommandLine : public ::testing::Test {
  protected:
    [[nodiscard]] std::string data() const { return (folder_.path() / "data").string(); }
    Finished run(std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--data", data()});
        return run_decklog(arguments);
    }
    /// A ledger of so many actions that nobody serves.
    void fill(int actions) {
        ServerProcess server(data(), {{"DECKLOG_DRAIN_SECONDS", "0"}});
        ASSERT_TRUE(server.start()) << server.log();
        HttpClient client(server.url(), server.admin_token());
        for (int i = 0; i < actions;) {
            json::array items;
            for (int k = 0; k < 10'000 && i < actions; ++k, ++i) {
                items.push_back(json::object{{"action", "a"},
                                             {"entityType", "e"},
                                             {"entityId", std::to_string(i)},
                                             {"platform", "p"}});
            }
            ASSERT_EQ(client.post("/api/audit", json::serialize(items)).status, 200);
        }
        ASSERT_EQ(server.stop(), 0);
    }
    TemporaryFolder folder_;
};

/// One line, in the one form.
void expect_error(const Finished& finished, int exit_code, const std::string& begins) {
    EXPECT_EQ(finished.exit_code, exit_code) << finished.out << finished.err;
    EXPECT_TRUE(finished.err.starts_with("decklog: " + begins)) << finished.err;
    EXPECT_EQ(finished.err.find('\n'), finished.err.size() - 1) << finished.err;
    EXPECT_EQ(finished.out, "");
}

TEST_F(CommandLine, AnswersFromTheWholeLogWhenItsViewsAreGone) {
    fill(kActions);
    std::filesystem::remove_all(folder_.path() / "data" / "views");
    const Finished audit = run({"audit", "--json"});
    EXPECT_EQ(audit.exit_code, 0) << audit.err;
    EXPECT_NE(audit.out.find("{\"platform\":\"p\",\"count\":" + std::to_string(kActions) + "}"),
              std::string::npos)
        << audit.out;
    std::filesystem::remove_all(folder_.path() / "data" / "views");
    const Finished table = run({"audit"});
    EXPECT_NE(table.out.find("p         " + std::to_string(kActions)), std::string::npos)
        << table.out;
    EXPECT_NE(table.err.find("as of "), std::string::npos) << table.err;
    std::filesystem::remove_all(folder_.path() / "data" / "views");
    const Finished verify = run({"verify"});
    EXPECT_EQ(verify.exit_code, 0) << verify.err;
    EXPECT_NE(verify.out.find("lagEvents "), std::string::npos) << verify.out;
}

TEST_F(CommandLine, SaysErrorsInOneForm) {
    fill(1);
    expect_error(run({"events", "--conversation", ""}), 1, "empty_parameter: ");
    expect_error(run({"events", "--limit", "0"}), 64, "--limit: '0' is not a whole number from 1");
    expect_error(run({"level", "raise", "0"}), 64, "level: '0' is not a whole number from 1");
    expect_error(run({"level", "raise", "x"}), 64, "level: 'x' is not a whole number from 1");
    expect_error(run({"audit", "--by", "colour"}), 64, "--by: ");
    expect_error(run({"nonsense"}), 64, "");
    expect_error(run({"erase", "nobody"}), 64, "--reason (or --dry-run) is required");
    expect_error(run_decklog({"events", "--url", "bogus"}), 64, "--url: give http://");
    expect_error(run_decklog({"events", "--url", "ftp://127.0.0.1/"}), 64, "--url: give http://");
    expect_error(run_decklog({"events", "--url", "http://127.0.0.1:1"}), 69, "no answer from ");
    const Finished person = run({"erase", "nobody", "--reason", "asked"});
    expect_error(person, 1, "invalid_person: ");
    EXPECT_NE(person.err.find("(field person"), std::string::npos) << person.err;
    const Finished stranger = run({"erase", "whatsapp:4915100000000", "--reason", "asked"});
    expect_error(stranger, 1, "not_found: ");
    EXPECT_NE(stranger.err.find("(field person)"), std::string::npos) << stranger.err;
    const Finished back = run({"rebuild", "audit", "--back"});
    EXPECT_EQ(back.exit_code, 1);
    EXPECT_EQ(back.err, "decklog: going back of audit failed: no earlier build of audit is kept\n");
    std::istringstream lines(back.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_GT(line.size(), 17U) << "a name without its value: " << line;
    const Finished as_json = run({"rebuild", "audit", "--back", "--json"});
    EXPECT_EQ(json::parse(as_json.out).at("ok"), false) << as_json.out;
}

TEST_F(CommandLine, ItsHelpFitsAHundredColumns) {
    const std::vector<std::vector<std::string>> commands{
        {},           {"serve"},           {"events"},         {"replay"},          {"verify"},
        {"rebuild"},  {"parked"},          {"parked", "list"}, {"audit"},           {"backup"},
        {"restore"},  {"adopt"},           {"erase"},          {"export"},          {"import"},
        {"token"},    {"level"},           {"level", "raise"}, {"token", "create"}, {"preflight"},
        {"accounts"}, {"accounts", "off"}, {"workers"}};
    for (std::vector<std::string> words : commands) {
        words.emplace_back("--help");
        const Finished help = run_decklog(words);
        EXPECT_EQ(help.exit_code, 0);
        std::istringstream lines(help.out);
        for (std::string line; std::getline(lines, line);) {
            const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
                return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
            });
            EXPECT_LE(columns, 100) << line;
        }
    }
}

TEST_F(CommandLine, FitsLongPathsIntoAHundredColumns) {
    fill(1);
    const auto deep = folder_.path() / std::string(90, 'a') / std::string(90, 'b');
    std::filesystem::create_directories(deep);
    const Finished backup = run({"backup", (deep / "copy").string()});
    EXPECT_EQ(backup.exit_code, 0) << backup.err;
    std::istringstream lines(backup.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 102U) << line;  // the sign of what was cut has three bytes
    EXPECT_NE(backup.out.find("b/copy"), std::string::npos) << "its end says which it is";
}

}  // namespace decklog::e2e::command_line
