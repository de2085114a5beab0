// Platform accounts, workers and the preflight on the real binary: the kill switch stays off when
// the process is killed, and a release is cleared only when everything is in place.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::services {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kSha = "0ceb5329d1f1a2b3c4d5e6f708192a3b4c5d6e7f";
constexpr const char* kSecret = "s3cret-value-of-the-session";

json::object object_of(const HttpAnswer& answer) { return json::parse(answer.body).as_object(); }

class Services : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(server_.start()) << server_.log(); }
    [[nodiscard]] HttpClient admin() const {
        return HttpClient(server_.url(), server_.admin_token());
    }
    [[nodiscard]] std::string data() const { return server_.data().string(); }

    TemporaryFolder folder_;
    ServerProcess server_{folder_.path() / "data", {{"DECKLOG_DRAIN_SECONDS", "0"}}};
};

TEST_F(Services, AnAccountThatWasSwitchedOffStaysOffWhenTheProcessIsKilled) {
    std::string id;
    {
        HttpClient client = admin();
        const HttpAnswer made = client.post("/api/admin/platform-accounts",
                                            R"({"platform":"roomies","accountName":"Roomies north",
"accountExternalId":"north","credentials":{"sessionRef":"env:ROOMIES_RPA_SESSION"}})");
        ASSERT_EQ(made.status, 201) << made.body;
        id = std::string(object_of(made).at("item").at("id").as_string());
        const HttpAnswer off =
            client.put("/api/admin/platform-policies/" + id, R"({"isActive":false})");
        ASSERT_EQ(off.status, 200) << off.body;
        EXPECT_EQ(client.put("/api/admin/platform-policies/nobody", "{}").status, 404);
        EXPECT_EQ(client
                      .post("/api/workers/worker-1/heartbeat",
                            R"({"release":"r1","provider":"gemini","runtime":"mock"})")
                      .status,
                  201);
    }
    server_.kill_hard();
    fs::remove_all(fs::path(data()) / "views");
    ASSERT_TRUE(server_.start()) << server_.log();
    HttpClient client = admin();
    const auto policies = object_of(client.get("/api/admin/platform-policies"));
    ASSERT_EQ(policies.at("items").as_array().size(), 1U);
    const auto& account = policies.at("items").as_array()[0];
    EXPECT_EQ(account.at("id"), json::string(id));
    EXPECT_EQ(account.at("isActive"), false);
    EXPECT_EQ(account.at("sendMode"), "draft_only");
    EXPECT_EQ(account.at("credentials").at("sessionRef"), "env:ROOMIES_RPA_SESSION");
    const auto health = object_of(client.get("/api/admin/platform-health"));
    EXPECT_EQ(health.at("items").as_array()[0].at("health"), "inactive");
    const auto workers = object_of(client.get("/api/workers"));
    EXPECT_EQ(workers.at("items").as_array()[0].at("hardGate"), "MOCK_RUNTIME_FORBIDDEN");

    const Finished accounts = run_decklog({"accounts", "--data", data()});
    EXPECT_NE(accounts.out.find(id), std::string::npos) << accounts.out;
    EXPECT_NE(accounts.out.find(" off "), std::string::npos) << accounts.out;
    const Finished workers_table = run_decklog({"workers", "--data", data()});
    EXPECT_NE(workers_table.out.find("MOCK_RUNTIME_FORBIDDEN"), std::string::npos)
        << workers_table.out;
    const Finished replayed = run_decklog({"replay", "--view", "platforms", "--data", data()});
    EXPECT_EQ(replayed.exit_code, 0) << replayed.err;
    EXPECT_NE(replayed.out.find("north"), std::string::npos) << replayed.out;
}

TEST_F(Services, AnAccountIsSwitchedFromTheCommandLineWithAndWithoutAServer) {
    HttpClient client = admin();
    const HttpAnswer made = client.post(
        "/api/admin/platform-accounts",
        R"({"platform":"roomies","accountName":"Roomies north","accountExternalId":"north"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string id(object_of(made).at("item").at("id").as_string());
    const auto told = [&](const char* word) {
        return run_decklog({"accounts", word, id, "--data", data()}).out;
    };
    EXPECT_EQ(told("off"), id + " is now off\n");
    EXPECT_EQ(told("off"), id + " was already off\n");
    ASSERT_EQ(server_.stop(), 0);
    EXPECT_EQ(told("on"), id + " is now on\n");
    EXPECT_EQ(run_decklog({"accounts", "off", "nobody", "--data", data()}).exit_code, 1);
    EXPECT_EQ(run_decklog({"accounts", "off", "a b", "--data", data()}).exit_code, 64);
}

class Preflight : public Services {
  protected:
    void SetUp() override {
        Services::SetUp();
        write_env("heuristic", "playwright");
        fs::create_directories(evidence_);
        write(evidence_ / "ci-run-metadata.md", std::string("SHA: ") + kSha + "\n");
        for (const char* log : {"api-tests", "worker-tests", "web-smoke",
                                "platform-integration-e2e", "release-critical-e2e"}) {
            write(evidence_ / (std::string(log) + ".log"), "ok\n");
        }
        HttpClient client = admin();
        for (
            const char* action : {
                R"({"action":"ingest_conversation_linkage_resolved","entityType":"conversation","entityId":"c1",
"details":{"externalThreadId":"t1","linkage":{"resolved":true,"appliedListingId":"l1"}}})",
                R"({"action":"ingest_conversation_linkage_unresolved","entityType":"conversation","entityId":"c2",
"details":{"externalThreadId":"t2","linkage":{"resolved":false,"attempted":{"unitNumber":"4B"}}}})"}) {
            ASSERT_EQ(client.post("/api/audit", action).status, 201);
        }
        ASSERT_EQ(client
                      .post("/api/admin/platform-accounts",
                            R"({"platform":"roomies","accountName":"Roomies north",
"accountExternalId":"north","credentials":{"sessionRef":"env:ROOMIES_RPA_SESSION"}})")
                      .status,
                  201);
    }

    static void write(const fs::path& path, const std::string& text) {
        std::ofstream(path) << text;
    }
    void write_env(const std::string& provider, const std::string& runtime) {
        std::string text = "# what is deployed\n";
        for (const char* name :
             {"API_HOST", "API_PORT", "API_LOG_LEVEL", "API_BASE_URL", "DATABASE_URL",
              "BETTER_AUTH_SECRET", "BETTER_AUTH_URL", "BETTER_AUTH_TRUSTED_ORIGINS",
              "WEB_BASE_URL", "WORKER_POLL_INTERVAL_MS", "WORKER_QUEUE_BATCH_SIZE", "WORKER_TASK",
              "AI_GEMINI_MODEL"}) {
            text += std::string(name) + "=\"" + kSecret + "\"\n";
        }
        for (const char* platform :
             {"SPAREROOM", "ROOMIES", "LEASEBREAK", "RENTHOP", "FURNISHEDFINDER"}) {
            text += std::string(platform) + "_RPA_SESSION='" + kSecret + "'\n";
        }
        text += "WORKER_RUN_ONCE=0\nAI_DECISION_PROVIDER=" + provider +
                "\nLEASE_BOT_RPA_RUNTIME=" + runtime + "\n";
        write(env_, text);
    }
    [[nodiscard]] Finished run(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{
            "preflight",        "--profile", "lease-bot", "--env",  env_.string(), "--evidence",
            evidence_.string(), "--release", kSha,        "--data", data()};
        words.insert(words.end(), more.begin(), more.end());
        Finished finished = run_decklog(words);
        EXPECT_EQ((finished.out + finished.err).find("s3cret"), std::string::npos) << finished.out;
        return finished;
    }

    fs::path env_ = folder_.path() / "deployed.env";
    fs::path evidence_ = folder_.path() / "evidence";
};

TEST_F(Preflight, ClearsAReleaseWithEverythingInPlace) {
    const Finished table = run();
    EXPECT_EQ(table.exit_code, 0) << table.out << table.err;
    EXPECT_NE(table.out.find(std::string(kSha) + ": 32 passed, 0 failed, 0 missing"),
              std::string::npos)
        << table.out;
    const Finished lines = run({"--json"});
    EXPECT_EQ(lines.exit_code, 0) << lines.err;
    const auto last = lines.out.rfind('\n', lines.out.size() - 2);
    EXPECT_EQ(json::parse(lines.out.substr(last + 1)).at("ok"), true) << lines.out;

    ASSERT_EQ(server_.stop(), 0);
    EXPECT_EQ(run().exit_code, 0) << "from the files of a ledger that nobody serves";
}

TEST_F(Preflight, RecordsItsResultsInARollout) {
    ASSERT_EQ(run_decklog({"rollout", "create", "lease-7", "--service", "lease-api", "--release",
                           kSha, "--baseline", "v1", "--data", data()})
                  .exit_code,
              0);
    const auto gates = [this] {
        HttpClient client = admin();
        return object_of(client.get("/api/rollouts/lease-7")).at("gates").as_array();
    };
    EXPECT_EQ(run().exit_code, 0);
    EXPECT_TRUE(gates().empty()) << "nothing is told without --rollout";
    const Finished told = run({"--rollout", "lease-7"});
    EXPECT_EQ(told.exit_code, 0) << told.out << told.err;
    EXPECT_EQ(told.err, "32 results recorded in lease-7\n");
    ASSERT_EQ(gates().size(), 32U);
    for (const auto& gate : gates()) {
        EXPECT_EQ(gate.at("status"), "passed") << gate;
        EXPECT_EQ(gate.at("release"), kSha) << gate;
    }
    write_env("heuristic", "mock");
    EXPECT_EQ(run({"--rollout", "lease-7"}).exit_code, 1);
    EXPECT_EQ(run_decklog({"gate", "check", "--rollout", "lease-7", "--data", data()}).exit_code, 3)
        << "a red gate rolls back";
    EXPECT_EQ(
        run_decklog({"rollout", "stage", "lease-7", "rolled_back", "--data", data()}).exit_code, 0);
    const Finished late = run({"--rollout", "lease-7"});
    EXPECT_EQ(late.exit_code, 1);
    EXPECT_NE(
        late.err.find("the gate env:API_HOST is not recorded (0 of 32 are): rollout_finished"),
        std::string::npos)
        << late.err;
}

TEST_F(Preflight, StopsAReleaseAndSaysWhy) {
    write_env("gemini", "mock");
    fs::remove(evidence_ / "web-smoke.log");
    write(evidence_ / "ci-run-metadata.md", "SHA: 1111111111111111111111111111111111111111\n");
    const Finished table = run();
    EXPECT_EQ(table.exit_code, 1);
    // The table breaks long lines between words.
    std::string words;
    std::istringstream rows(table.out);
    for (std::string row; std::getline(rows, row);) {
        EXPECT_LE(row.size(), 100U) << row;
        std::istringstream in_row(row);
        for (std::string word; in_row >> word;) words += word + " ";
    }
    for (const char* said : {"MOCK_RUNTIME_FORBIDDEN: LEASE_BOT_RPA_RUNTIME is not playwright ",
                             "AI_DECISION_PROVIDER is not what the rollout intends, heuristic;",
                             "there is no such file", "it is of another candidate",
                             "28 passed, 3 failed, 1 missing"}) {
        EXPECT_NE(words.find(said), std::string::npos) << said << "\n" << table.out;
    }
}

TEST_F(Preflight, TellsAWrongCommandLineFromABadFile) {
    const Finished unknown = run({"--intent", "astrology"});
    EXPECT_EQ(unknown.exit_code, 64);
    EXPECT_NE(unknown.err.find("--intent: must be one of heuristic, gemini"), std::string::npos)
        << unknown.err;
    EXPECT_EQ(run({"--url", "http://127.0.0.1:1"}).exit_code, 69);
    write(env_, "API_HOST=1\ns3cret\n");
    const Finished bad = run();
    EXPECT_EQ(bad.exit_code, 78) << bad.err;
    EXPECT_NE(bad.err.find("line 2 is not KEY=VALUE"), std::string::npos) << bad.err;
    EXPECT_EQ(run_decklog({"preflight", "--profile", "none", "--env", env_.string(), "--evidence",
                           evidence_.string(), "--release", kSha})
                  .exit_code,
              78);
    EXPECT_EQ(run_decklog({"preflight", "--profile", "lease-bot", "--env", env_.string(),
                           "--evidence", evidence_.string(), "--release", "main"})
                  .exit_code,
              64);
}

}  // namespace decklog::e2e::services
