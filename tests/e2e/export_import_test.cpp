// The real binary: a log goes out and comes back byte for byte, through files and pipes, over kill
// -9 and damage; and its lines come into another ledger, once.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/e2e/every_answer.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/waiting.hpp"

namespace decklog::e2e::export_import {

std::string whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

/// `$D` in `script` is the binary.
int shell(const std::string& script) {
    const std::string command =
        "set -o pipefail; unset DECKLOG_DATA DECKLOG_URL DECKLOG_TOKEN; D='" +
        decklog_binary().string() + "'; " + script;
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/bash", "bash", "-c", command.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string action(int number, std::size_t note_bytes) {
    return R"({"id":"act-)" + std::to_string(number) +
           R"(","action":"ai_reply_created","actorType":"agent","actorId":"agent-)" +
           std::to_string(number % 3) + R"(","entityType":"conversation","entityId":"c-)" +
           std::to_string(number % 7) + R"(","details":{"platform":"roomies","note":")" +
           std::string(note_bytes, static_cast<char>('a' + number % 26)) + R"("}})" + "\n";
}

/// A stopped server's data with `actions` audit actions in it.
class Source {
  public:
    Source(const std::filesystem::path& data, int actions, std::size_t note_bytes,
           bool with_a_rollout = false)
        : data_(data) {
        ServerProcess server(data, {{"DECKLOG_DRAIN_SECONDS", "0"}});
        EXPECT_TRUE(server.start()) << server.log();
        HttpClient client(server.url(), server.admin_token());
        std::string body;
        for (int i = 0; i < actions; ++i) body += action(i, note_bytes);
        const auto answer =
            client.post("/api/audit", body, {{"Content-Type", "application/x-ndjson"}});
        EXPECT_EQ(answer.status, 200) << answer.body;
        if (with_a_rollout) add_a_rollout({server.url(), server.admin_token()});
        EXPECT_EQ(server.stop(), 0);
    }
    [[nodiscard]] std::string data() const { return data_.string(); }
    /// Position of its last event, in any ledger.
    [[nodiscard]] std::string newest() const {
        const std::string events = run_decklog({"events", "--json", "--data", data()}).out;
        const auto last = events.rfind('\n', events.size() - 2) + 1;
        const std::string cursor(
            boost::json::parse(events.substr(last)).at("position").as_string());
        return cursor.substr(cursor.find('.') + 1);
    }

  private:
    std::filesystem::path data_;
};

class ExportImport : public ::testing::Test {
  protected:
    [[nodiscard]] std::string at(const char* name) const { return (folder.path() / name).string(); }
    TemporaryFolder folder;
};

TEST_F(ExportImport, ALedgerIsNotMadeWhileTheDiskIsNearlyFull) {
    const Source source(at("source"), 4, 20);
    ASSERT_EQ(shell("$D export - --data " + source.data() + " > " + at("file")), 0);
    const std::vector<std::string> command{"import", at("file"), "--data", at("copy")};
    const Finished refused = run_decklog(command, {{"DECKLOG_DISK_FREE_MIB", "16000000"}});
    EXPECT_EQ(refused.exit_code, 1) << refused.out;
    EXPECT_TRUE(refused.err.starts_with("decklog: disk_low: ")) << refused.err;
    EXPECT_FALSE(std::filesystem::exists(at("copy")));
    const Finished imported = run_decklog(command, {{"DECKLOG_DISK_FREE_MIB", "0"}});
    EXPECT_EQ(imported.exit_code, 0) << imported.err;
}

TEST_F(ExportImport, APipeMakesALedgerOfEqualViews) {
    const Source source(at("source"), 40, 20, true);
    ASSERT_EQ(shell("$D export - --data " + source.data() + " | $D import - --data " + at("copy") +
                    " > " + at("said")),
              0);
    EXPECT_NE(whole_file(at("said")).find("held until"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_EQ(shell("$D verify --data " + at("copy") + " > /dev/null"), 0);
    // With its vault the copy shows what the source shows.
    std::filesystem::copy(at("source") + "/vault", at("copy") + "/vault",
                          std::filesystem::copy_options::recursive);
    const std::string newest = source.newest();
    for (const std::string& view : view_names()) {
        for (const char* data : {"source", "copy"}) {
            ASSERT_EQ(shell("$D replay --json --view " + view + " --at " + newest + " --data " +
                            at(data) + " > " + at(data) + "." + view),
                      0)
                << data << " " << view;
        }
        EXPECT_EQ(whole_file(at("source") + "." + view), whole_file(at("copy") + "." + view));
    }
    for (const char* view : {".audit", ".rollouts"}) EXPECT_NE(whole_file(at("copy") + view), "");
}

TEST_F(ExportImport, WhatIsImportedIsExportedAgainTheSame) {
    const Source source(at("source"), 20, 20);
    ASSERT_EQ(shell("$D export " + at("a") + " --data " + source.data()), 0);
    ASSERT_EQ(shell("$D import " + at("a") + " --data " + at("copy") + " > /dev/null"), 0);
    ASSERT_EQ(shell("$D export " + at("b") + " --data " + at("copy")), 0);
    const std::string before = whole_file(at("a"));
    const std::string after = whole_file(at("b"));
    std::size_t frames = 0;
    for (std::size_t begin = before.find("\"frame\":\""); begin != std::string::npos;
         begin = before.find("\"frame\":\"", begin + 1), ++frames) {
        const std::string frame = before.substr(begin, before.find('"', begin + 9) - begin);
        EXPECT_NE(after.find(frame), std::string::npos);
    }
    EXPECT_GE(frames, 20U);
    // The same command again has nothing to do, also when it reads from a pipe.
    ASSERT_EQ(shell("cat " + at("a") + " | $D import - --data " + at("copy") + " > " + at("said")),
              0);
    EXPECT_NE(whole_file(at("said")).find("nothing new"), std::string::npos);
}

TEST_F(ExportImport, GoesOnAfterKill) {
    const Source source(at("source"), 800, 14'000);
    ASSERT_EQ(shell("$D export " + at("log") + " --data " + source.data()), 0);
    const std::string log = whole_file(at("log"));
    ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        const std::string data = at("copy");
        const std::string pipe = at("pipe");
        execl(decklog_binary().c_str(), "decklog", "import", pipe.c_str(), "--data", data.c_str(),
              static_cast<char*>(nullptr));
        _exit(127);
    }
    {
        std::ofstream pipe(at("pipe"), std::ios::binary);
        pipe << log.substr(0, log.size() * 9 / 10) << std::flush;
        for (int i = 0; i < 3000; ++i) {  // until a part of it is durable
            std::error_code none;
            const auto bytes = std::filesystem::file_size(at("copy") + "/HEAD", none);
            if (!none && bytes > 0) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    ASSERT_TRUE(std::filesystem::exists(at("copy") + "/HEAD"));
    ASSERT_EQ(shell("$D verify --data " + at("copy") + " 2> " + at("said")), 1)
        << "half an import must not open";
    EXPECT_NE(whole_file(at("said")).find("import"), std::string::npos) << whole_file(at("said"));
    ASSERT_EQ(shell("$D import " + at("log") + " --json --data " + at("copy") + " > " + at("said")),
              0);
    EXPECT_EQ(whole_file(at("said")).find("\"alreadyHere\":0,"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_EQ(shell("$D verify --data " + at("copy") + " > /dev/null"), 0);
}

TEST_F(ExportImport, LinesGoOnAfterAKill) {
    constexpr int kLines = 450;
    const Source source(at("source"), kLines, 14'000);  // more than one request takes
    ServerProcess target(at("target"), {{"DECKLOG_DRAIN_SECONDS", "0"}});
    ASSERT_TRUE(target.start()) << target.log();
    ASSERT_EQ(target.stop(), 0);
    ASSERT_EQ(shell("$D export " + at("log") + " --personal --type AuditActionRecorded --data " +
                    source.data()),
              0);
    const std::string log = whole_file(at("log"));
    const std::string head = whole_file(at("target") + "/HEAD");
    ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        const std::string data = at("target");
        execl(decklog_binary().c_str(), "decklog", "import", at("pipe").c_str(), "--data",
              data.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    {
        std::ofstream pipe(at("pipe"), std::ios::binary);
        pipe << log.substr(0, log.size() * 9 / 10) << std::flush;
        EXPECT_TRUE(waits_for([&] { return whole_file(at("target") + "/HEAD") != head; }));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }
    EXPECT_EQ(shell("$D verify --data " + at("target") + " > /dev/null"), 0);
    const Finished again = run_decklog({"import", at("log"), "--json", "--data", at("target")});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    const auto rest = boost::json::parse(again.out).as_object();
    const auto before = rest.at("repeated").to_number<int>();
    EXPECT_GT(before, 0) << "nothing had come in when it was killed";
    EXPECT_LT(before, kLines) << "all had come in when it was killed";
    EXPECT_EQ(rest.at("accepted").to_number<int>(), kLines - before);
    EXPECT_EQ(shell("test $($D events --json --data " + at("target") +
                    " --type AuditActionRecorded | wc -l) = " + std::to_string(kLines)),
              0)
        << "each once";
    EXPECT_EQ(shell("$D verify --data " + at("target") + " > /dev/null"), 0);
}

TEST_F(ExportImport, NamesTheLineThatIsWrong) {
    const Source source(at("source"), 10, 20);
    ASSERT_EQ(shell("$D export " + at("log") + " --data " + source.data()), 0);
    const std::string log = whole_file(at("log"));
    int copies = 0;
    const auto refused = [&](const std::string& content) {
        write_file(at("bad"), content);
        const std::string copy = at("copy") + std::to_string(++copies);
        EXPECT_EQ(shell("$D import " + at("bad") + " --data " + copy + " 2> " + at("said")), 1);
        EXPECT_EQ(shell("$D verify --data " + copy + " > /dev/null 2>&1"), 1);
        return whole_file(at("said"));
    };
    std::string flipped = log;
    std::size_t line = 0;
    for (int i = 0; i < 4; ++i) line = flipped.find('\n', line) + 1;
    char& c = flipped[flipped.find("\"frame\":\"", line) + 150];
    c = c == 'A' ? 'B' : 'A';
    EXPECT_NE(refused(flipped).find("line 5 (position 0:3)"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_NE(refused(log.substr(0, log.size() / 2)).find("line "), std::string::npos);
    const std::size_t last = log.rfind('\n', log.size() - 2);
    EXPECT_NE(refused(log.substr(0, last + 1)).find("it was cut"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_NE(refused("").find("empty"), std::string::npos);
    EXPECT_NE(refused("\n\n").find("empty"), std::string::npos);
    EXPECT_NE(refused("\xff\xfe\n").find("no ledger"), std::string::npos) << whole_file(at("said"));
    std::string garbled = log;
    garbled[log.find('\n') + 30] = '\xff';
    EXPECT_NE(refused(garbled).find("line 2"), std::string::npos) << whole_file(at("said"));
}

TEST_F(ExportImport, RefusesALineThatSaysSomethingElseThanItsFrame) {
    const Source source(at("source"), 10, 20);
    struct Lie {
        const char* field;
        const char* from;
        const char* to;
    };
    const Lie lies[] = {
        {"platform", R"("platform":"decklog")", R"("platform":"slack")"},
        {"actor.type", R"("actor":{"type":"agent")", R"("actor":{"type":"person")"},
        {"payload.entityType", R"("entityType":"conversation")", R"("entityType":"booking")"},
        {"occurredAt", R"("occurredAt":"20)", R"("occurredAt":"19)"},
        {"streamVersion", R"("streamVersion":1,)", R"("streamVersion":2,)"},
        {"release", R"(,"payload":)", R"(,"release":"r9","payload":)"}};
    int copies = 0;
    const auto import = [&](const std::string& content) {
        write_file(at("said-so"), content);
        const std::string copy = at("copy") + std::to_string(++copies);
        return shell("$D import " + at("said-so") + " --data " + copy + " > /dev/null 2> " +
                     at("said"));
    };
    for (const char* personal : {"", " --personal"}) {
        ASSERT_EQ(shell("$D export " + at("log") + personal + " --data " + source.data()), 0);
        const std::string log = whole_file(at("log"));
        EXPECT_EQ(import(log), 0) << whole_file(at("said"));
        if (shell("command -v jq > /dev/null") == 0) {
            EXPECT_EQ(shell("jq -cS . " + at("log") + " > " + at("anew")), 0);
            EXPECT_EQ(import(whole_file(at("anew"))), 0)
                << "written anew by another tool, it says the same: " << whole_file(at("said"));
        }
        for (const Lie& lie : lies) {
            std::string lying = log;
            const auto place = lying.find(lie.from);
            ASSERT_NE(place, std::string::npos) << lie.from;
            lying.replace(place, std::string_view(lie.from).size(), lie.to);
            EXPECT_EQ(import(lying), 1) << lie.field;
            EXPECT_NE(whole_file(at("said")).find(std::string("import_mismatch: its ") + lie.field),
                      std::string::npos)
                << whole_file(at("said"));
        }
    }
}

TEST_F(ExportImport, AnotherLedgersFileDoesNotGoOverAnUnfinishedImport) {
    const Source one(at("one"), 10, 20);
    const Source two(at("two"), 5, 20);
    ASSERT_EQ(shell("$D export " + at("first") + " --data " + one.data()), 0);
    ASSERT_EQ(shell("$D export " + at("second") + " --data " + two.data()), 0);
    EXPECT_EQ(
        shell("head -n 6 " + at("first") + " | $D import - --data " + at("copy") + " 2> /dev/null"),
        1);
    EXPECT_EQ(shell("$D import " + at("second") + " --data " + at("copy") + " 2> " + at("said")),
              1);
    EXPECT_NE(whole_file(at("said")).find("of an import that was not finished"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_EQ(shell("$D import " + at("first") + " --data " + at("copy") + " > " + at("said")), 0);
    EXPECT_NE(whole_file(at("said")).find("alreadyHere      5"), std::string::npos)
        << whole_file(at("said"));
}

TEST_F(ExportImport, NamesRefusedLinesInTheirOrderWithFieldAndLimit) {
    ServerProcess target(at("target"), {{"DECKLOG_DRAIN_SECONDS", "0"}});
    ASSERT_TRUE(target.start()) << target.log();
    write_file(at("lines"), "{}\n{\"a\":\"" + std::string(300'000, 'x') + "\"}\n" +
                                "{\"specversion\":\"1.0\",\"id\":\"" + std::string(201, 'i') +
                                "\",\"source\":\"s\",\"type\":\"x\"}\n");
    EXPECT_EQ(shell("$D import " + at("lines") + " --data " + at("target") + " > /dev/null 2> " +
                    at("said")),
              1);
    const std::string said = whole_file(at("said"));
    EXPECT_TRUE(said.starts_with("line 1: not_an_event")) << said;
    const auto second = said.find("line 2: line_too_long (limit 262144)");
    const auto third = said.find("line 3: invalid_id (field id, limit 200)");
    EXPECT_NE(second, std::string::npos) << said;
    EXPECT_NE(third, std::string::npos) << said;
    EXPECT_LT(second, third) << said;
}

TEST_F(ExportImport, TakesLinesThatEndAsOnWindows) {
    const Source source(at("source"), 5, 20);
    ASSERT_EQ(shell("$D export - --data " + source.data() + " | sed 's/$/\\r/' > " + at("log")), 0);
    EXPECT_EQ(shell("$D import " + at("log") + " --data " + at("copy") + " > /dev/null"), 0);
    EXPECT_EQ(shell("$D verify --data " + at("copy") + " > /dev/null"), 0);
}

TEST_F(ExportImport, RefusesADirectoryWithOtherThings) {
    const Source source(at("source"), 2, 20);
    ASSERT_EQ(shell("$D export " + at("log") + " --data " + source.data()), 0);
    std::filesystem::create_directory(at("home"));
    write_file(at("home") + "/letter", "dear");
    EXPECT_EQ(shell("$D import " + at("log") + " --data " + at("home") + " 2> /dev/null"), 1);
    EXPECT_FALSE(std::filesystem::exists(at("home") + "/ledger"));
}

TEST_F(ExportImport, LinesComeIntoARunningLedgerOnce) {
    const Source source(at("source"), 30, 20);
    ASSERT_EQ(shell("$D export " + at("sealed") + " --data " + source.data() +
                    " --type AuditActionRecorded"),
              0);
    ASSERT_EQ(shell("$D export " + at("open") + " --data " + source.data() +
                    " --type AuditActionRecorded --personal"),
              0);
    EXPECT_EQ(shell("$D events --json --data " + source.data() +
                    " --type PersonalDataRead | grep -q '\"count\":30'"),
              0);
    ServerProcess target(at("target"), {{"DECKLOG_DRAIN_SECONDS", "0"}});
    ASSERT_TRUE(target.start()) << target.log();
    const std::string import = "$D import --json --data " + at("target") + " ";
    EXPECT_EQ(shell(import + at("sealed") + " > " + at("said")), 1);
    EXPECT_NE(whole_file(at("said")).find("\"refused\":30"), std::string::npos);
    EXPECT_NE(whole_file(at("said")).find("{\"line\":2,\"error\":\"sealed_data\""),
              std::string::npos)
        << whole_file(at("said"));
    EXPECT_EQ(shell(import + at("open") + " > " + at("said")), 0);
    EXPECT_NE(whole_file(at("said")).find("\"accepted\":30,\"repeated\":0"), std::string::npos)
        << whole_file(at("said"));
    EXPECT_EQ(shell("cat " + at("open") + " | " + import + "- > " + at("said")), 0);
    EXPECT_NE(whole_file(at("said")).find("\"accepted\":0,\"repeated\":30"), std::string::npos);
    // And into the files, with nobody serving them.
    ASSERT_EQ(target.stop(), 0);
    EXPECT_EQ(shell(import + at("open") + " > " + at("said")), 0);
    EXPECT_NE(whole_file(at("said")).find("\"accepted\":0,\"repeated\":30"), std::string::npos)
        << whole_file(at("said"));
    write_file(at("long"), "{\"a\":\"" + std::string(300'000, 'x') + "\"}\n");
    EXPECT_EQ(shell(import + at("long") + " > " + at("said")), 1);
    EXPECT_NE(
        whole_file(at("said")).find("{\"line\":1,\"error\":\"line_too_long\",\"limit\":262144}"),
        std::string::npos)
        << whole_file(at("said"));
}

TEST_F(ExportImport, AFileAppearsWholeOrNotAtAll) {
    const Source source(at("source"), 3, 20);
    EXPECT_EQ(
        shell("$D export " + at("missing") + "/log --data " + source.data() + " 2> /dev/null"), 1);
    EXPECT_EQ(shell("$D export " + at("log") + " --data " + at("nowhere") + " 2> /dev/null"), 1);
    EXPECT_FALSE(std::filesystem::exists(at("log")));
    ASSERT_EQ(shell("$D export " + at("log") + " --data " + source.data()), 0);
    const auto mode = std::filesystem::status(at("log")).permissions();
    EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        files += entry.path().filename().string().starts_with(".log") ? 1U : 0U;
    EXPECT_EQ(files, 0U);
}

}  // namespace decklog::e2e::export_import
