// Secrets planted in every variable, header, query and body show up nowhere: not in the log, the
// metrics, the probes, the banner, an error answer, or any file but the ones that hold tokens for
// their owner.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::secrets {

/// Makes markers and remembers them.
class Markers {
  public:
    std::string plant(const std::string& where) {
        markers_.push_back("planted0secret0" + where + "0" + std::string(24, 'q'));
        return markers_.back();
    }
    [[nodiscard]] std::string found_in(const std::string& text) const {
        for (const std::string& marker : markers_) {
            if (text.find(marker) != std::string::npos) return marker;
        }
        return {};
    }

  private:
    std::vector<std::string> markers_;
};

std::string whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SecretsTest, PlantedSecretsShowUpNowhere) {
    Markers markers;
    std::map<std::string, std::string> environment;
    for (const char* name :
         {"DECKLOG_ADMIN_TOKEN", "DECKLOG_METRICS_TOKEN", "TELEGRAM_WEBHOOK_SECRET",
          "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN", "SLACK_SIGNING_SECRET",
          "TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN", "WHATSAPP_ACCESS_TOKEN", "SLACK_BOT_TOKEN",
          "DECKLOG_CLUSTER_SECRET", "DATABASE_URL", "BETTER_AUTH_SECRET", "SPAREROOM_PASSWORD",
          "GOOGLE_GENERATIVE_AI_API_KEY"}) {
        environment[name] = markers.plant(name);
    }
    environment["DISCORD_PUBLIC_KEY"] = discord_public_key_of_the_tests();
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", environment);
    ASSERT_TRUE(server.start()) << server.log();

    std::vector<std::string> answers;
    const auto keep = [&answers](const HttpAnswer& answer) {
        answers.push_back(answer.head + answer.body);
    };
    HttpClient nobody(server.url());
    HttpClient wrong(server.url(), "dlk_abc_" + markers.plant("bearer"));
    HttpClient admin(server.url(), environment["DECKLOG_ADMIN_TOKEN"]);
    ASSERT_EQ(admin.get("/api/admin/observability").status, 200);

    keep(wrong.get("/api/events"));
    keep(wrong.post("/api/audit", "{\"x\":\"" + markers.plant("unauthorised_body") + "\"}"));
    for (const char* target : {"/api/events", "/api/rooms", "/api/admin/observability",
                               "/hooks/whatsapp", "/nowhere", "/api/events/live", "/api/audit"}) {
        const std::string query =
            std::string(target) + "?token=" + markers.plant("query") +
            "&hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + markers.plant("verify") +
            "&cursor=" + markers.plant("cursor");
        keep(nobody.get(query));
        keep(nobody.get(query, {{"Cookie", "decklog_session=" + markers.plant("cookie")},
                                {"X-Request-Id", "bad id " + markers.plant("request_id")}}));
        if (std::string_view(target) != "/api/events/live") keep(admin.get(query));
    }
    for (const char* target :
         {"/hooks/telegram", "/hooks/discord", "/hooks/whatsapp", "/hooks/slack"}) {
        keep(nobody.post(target, "{\"text\":\"" + markers.plant("hook_body") + "\"}",
                         {{"X-Telegram-Bot-Api-Secret-Token", markers.plant("header")},
                          {"X-Hub-Signature-256", "sha256=" + markers.plant("signature")},
                          {"X-Slack-Signature", markers.plant("slack_signature")},
                          {"X-Slack-Request-Timestamp", markers.plant("slack_timestamp")},
                          {"X-Signature-Ed25519", markers.plant("ed25519")},
                          {"X-Signature-Timestamp", markers.plant("ed25519_timestamp")}}));
    }
    for (const std::string& body : {"{broken " + markers.plant("broken_json"),
                                    "{\"action\":7,\"" + markers.plant("key") + "\":1}",
                                    "{\"actorType\":\"worker\",\"entityType\":\"e\",\"entityId\":"
                                    "\"1\",\"action\":\"a\",\"createdAt\":\"" +
                                        markers.plant("time") + "\"}",
                                    "[{\"action\":\"" + markers.plant("action") + "\"}]"}) {
        keep(admin.post("/api/audit", body, {{"Idempotency-Key", markers.plant("idempotency")}}));
        keep(admin.post("/api/events", body, {{"Content-Type", "application/cloudevents+json"}}));
        keep(admin.post("/api/tokens", body));
        keep(admin.post("/api/audit", body, {{"Content-Type", markers.plant("content_type")}}));
    }
    // A refused name may be named back to its sender, but a value may not.
    for (const char* probe : {"/health", "/healthz", "/ready", "/live", "/version", "/metrics"}) {
        keep(nobody.get(probe));
        keep(admin.get(probe, {{"X-Forwarded-For", markers.plant("forwarded")}}));
    }
    const HttpAnswer metrics = nobody.get(
        "/metrics", {{"Authorization", "Bearer " + environment["DECKLOG_METRICS_TOKEN"]}});
    EXPECT_EQ(metrics.status, 200);
    keep(metrics);

    for (const std::string& answer : answers)
        EXPECT_EQ(markers.found_in(answer), "") << answer.substr(0, 400);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(markers.found_in(server.log()), "") << "in the log";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server.data())) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(markers.found_in(whole_file(entry.path())), "") << entry.path();
    }
}

TEST(SecretsTest, ABadValueIsNamedAndNotShown) {
    Markers markers;
    const TemporaryFolder folder;
    const std::map<std::string, std::string> bad[] = {
        {{"DISCORD_PUBLIC_KEY", markers.plant("public_key")}},
        {{"DECKLOG_ADMIN_TOKEN", "short"}},
        {{"TELEGRAM_WEBHOOK_SECRET_FILE", "/nowhere/" + markers.plant("file")}}};
    for (const auto& environment : bad) {
        const Finished finished = run_decklog(
            {"serve", "--data", (folder.path() / "data").string(), "--listen", "127.0.0.1:0"},
            environment);
        EXPECT_EQ(finished.exit_code, 78) << environment.begin()->first;
        EXPECT_NE(finished.err.find(environment.begin()->first), std::string::npos) << finished.err;
    }
    const Finished finished = run_decklog(
        {"serve", "--data", (folder.path() / "data").string(), "--listen", "127.0.0.1:0"}, bad[0]);
    EXPECT_EQ(markers.found_in(finished.err + finished.out), "");
}

}  // namespace decklog::e2e::secrets
