// The probes over the real app: three questions, three answers, one superset for people.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "api/erasures/erasing.hpp"
#include "api/first_admin.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/directory/backup_places.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::probes_test {

using namespace decklog::api::testing;
namespace json = boost::json;

class ProbesTest : public ::testing::Test {
  protected:
    void open(Config config = {}) {
        config_ = std::move(config);
        config_.data = directory_.path() / "data";
        auto app = App::open(config_, std::chrono::milliseconds(0));
        ASSERT_TRUE(app) << app.error().context;
        app_ = std::move(*app);
        server_ = std::make_unique<RunningServer>(*app_, options_);
    }
    Response get(std::string_view target, std::string_view headers = {}) {
        return once(server_->port(), request("GET", target, headers));
    }
    static json::object body(const Response& response) {
        return json::parse(response.body).as_object();
    }
    bool becomes_ready() {
        for (int i = 0; i < 200; ++i) {
            if (get("/ready").status == 200) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    TemporaryDirectory directory_;
    ServerOptions options_;
    Config config_;
    std::unique_ptr<App> app_;
    std::unique_ptr<RunningServer> server_;
};

TEST_F(ProbesTest, TellThatAllIsWell) {
    open();
    ASSERT_TRUE(becomes_ready());
    EXPECT_EQ(body(get("/live")).at("status"), "alive");
    EXPECT_EQ(body(get("/healthz")).at("ok"), true);
    EXPECT_EQ(body(get("/ready")).at("ok"), true);
    const json::object health = body(get("/health"));
    EXPECT_EQ(health.at("status"), "ok");
    EXPECT_EQ(health.at("ok"), true);
    EXPECT_EQ(health.at("components").as_object().at("ledger").as_object().at("state"), "ready");
    EXPECT_TRUE(health.contains("timestamp"));
    EXPECT_EQ(body(get("/version")).at("service"), "decklog");
}

TEST_F(ProbesTest, NameTheVariablesOfEndpointsThatAreOff) {
    Config config;
    ingest::Account slack;
    slack.platform = ingest::Platform::slack;
    slack.secrets = {"s"};
    config.accounts = {slack};
    open(std::move(config));
    EXPECT_EQ(once(server_->port(), request("POST", "/hooks/telegram", {}, "{}")).status, 404);
    std::map<std::string, std::int64_t> off;
    const json::object health = body(get("/health"));
    for (const auto& entry : health.at("offEndpoints").as_array()) {
        off[entry.at("variable").as_string().c_str()] = entry.at("calls").to_number<std::int64_t>();
    }
    const std::map<std::string, std::int64_t> want{
        {"TELEGRAM_WEBHOOK_SECRET", 1}, {"DISCORD_PUBLIC_KEY", 0}, {"WHATSAPP_APP_SECRET", 0}};
    EXPECT_EQ(off, want);
}

TEST_F(ProbesTest, AreNotReadyWhileDrainingButAlive) {
    options_.drain = std::chrono::seconds(30);
    open();
    ASSERT_TRUE(becomes_ready());
    server_->server().drain();
    EXPECT_EQ(get("/ready").status, 503);
    EXPECT_EQ(get("/ready?for=ingest").status, 503);
    EXPECT_EQ(get("/live").status, 200);
    const Response health = get("/health");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(body(health).at("status"), "degraded");
    EXPECT_EQ(body(health).at("ready"), false);
}

TEST_F(ProbesTest, ProtectMetricsByTheirToken) {
    Config config;
    config.metrics_token = Secret("metrics-secret");
    open(std::move(config));
    EXPECT_EQ(get("/metrics").status, 401);
    EXPECT_EQ(get("/metrics", "Authorization: Bearer metrics-secreT\r\n").status, 401);
    const Response metrics = get("/metrics", "Authorization: Bearer metrics-secret\r\n");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_EQ(metrics.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(ProbesTest, ExportWhatTheRunbookAsksFor) {
    open();
    ASSERT_TRUE(ensure_first_admin(*app_));
    ASSERT_TRUE(becomes_ready());
    get("/api/nowhere");
    const std::string text = get("/metrics").body;
    for (const char* name :
         {"decklog_append_seconds_bucket", "decklog_commit_batch_frames_bucket",
          "decklog_fsync_seconds_bucket", "decklog_writer_queue_depth",
          "decklog_view_lag_events{view=\"audit\"}", "decklog_view_lag_seconds",
          "decklog_http_requests_total{route=\"unmatched\",status=\"404\"}",
          "decklog_log_lines{level=\"error\"}", "decklog_refusals_total{code=\"not_found\"}",
          "decklog_writer_state{state=\"disk_low\"}", "decklog_clock_behind_seconds",
          "decklog_audit_actions_missing_total{field=\"platform\"}",
          "decklog_build_info{version="}) {
        EXPECT_NE(text.find(name), std::string::npos) << name;
    }
}

TEST_F(ProbesTest, TheFirstAdminIsMadeOnce) {
    open();
    const auto first = ensure_first_admin(*app_);
    ASSERT_TRUE(first && *first);
    EXPECT_TRUE(app_->core().tokens->authenticate(**first));
    const auto file = app_->directory().root() / kAdminTokenFile;
    EXPECT_EQ(std::filesystem::status(file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto again = ensure_first_admin(*app_);
    ASSERT_TRUE(again);
    EXPECT_FALSE(*again);
    server_.reset();
    app_.reset();
    open(config_);
    EXPECT_FALSE(*ensure_first_admin(*app_)) << "a restart makes no second one";
    EXPECT_TRUE(app_->core().tokens->authenticate(**first));
}

TEST_F(ProbesTest, ShowPlannedBackupsAndWhyTheyFail) {
    open();
    ASSERT_TRUE(becomes_ready());
    EXPECT_FALSE(body(get("/health")).at("components").as_object().contains("backup"));
    EXPECT_NE(get("/metrics").body.find("decklog_backup_overdue 0"), std::string::npos);
    server_.reset();
    app_.reset();
    Config config;
    BackupPlan plan;
    plan.dir = directory_.path() / "a file";
    std::ofstream(plan.dir) << "in the way";
    config.backup = plan;
    open(std::move(config));
    std::string state;
    for (int i = 0; i < 500 && state != "failed"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        state = body(get("/health"))
                    .at("components")
                    .as_object()
                    .at("backup")
                    .as_object()
                    .at("state")
                    .as_string();
    }
    EXPECT_EQ(state, "failed");
    EXPECT_EQ(body(get("/health")).at("status"), "degraded");
    EXPECT_EQ(get("/health").status, 200) << "no restart mends it";
    EXPECT_EQ(get("/ready").status, 200);
    EXPECT_NE(get("/metrics").body.find("decklog_backup_failures_total 1"), std::string::npos);
}

TEST_F(ProbesTest, ShowABackupThatIsOverdue) {
    Config config;
    BackupPlan plan;
    plan.dir = directory_.path() / "backups";
    plan.every_us = 20'000;  // the keeper looks every second: most of the time one is late
    config.backup = plan;
    open(std::move(config));
    const auto comes = [](const auto& seen) {
        for (int i = 0; i < 2'000; ++i) {
            if (seen()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    };
    EXPECT_TRUE(comes([this] {
        const json::object health = body(get("/health"));
        return health.at("components").at("backup").at("state") == "overdue" &&
               health.at("status") == "degraded";
    }));
    EXPECT_TRUE(comes([this] {
        return get("/metrics").body.find("decklog_backup_overdue 1") != std::string::npos;
    }));
    EXPECT_EQ(get("/ready").status, 200);
}

TEST_F(ProbesTest, ShowErasuresThatCouldNotBeListed) {
    open();
    ASSERT_TRUE(becomes_ready());
    const auto state = [this] {
        const auto health = body(get("/health"));
        return std::string(health.at("components").at("erasures").at("state").as_string());
    };
    EXPECT_EQ(state(), "ready");
    const Core& core = app_->core();
    ASSERT_TRUE(store::remember_place(config_.data, directory_.path() / "gone"));
    const store::NativeSubject ann{"person", "telegram", "4711"};
    ErasureWish wish;
    wish.person = domain::to_text(core.vault->subjects_for(std::span(&ann, 1))->front());
    wish.order.reason = wish.reason = "asked for it";
    EXPECT_EQ(erase(core, wish, {}).error().code, "erasure_unfinished");
    EXPECT_EQ(state(), "unfinished");
    EXPECT_EQ(get("/health").body.find("gone"), std::string::npos) << "paths need a token";
    EXPECT_NE(get("/metrics").body.find("decklog_erasures_unfinished 1"), std::string::npos);
    std::ofstream(config_.data / "backups") << "places 0\n";
    EXPECT_TRUE(erase(core, wish, {}));
    EXPECT_EQ(state(), "ready");
    EXPECT_NE(get("/metrics").body.find("decklog_erasures_unfinished 0"), std::string::npos);
}

}  // namespace decklog::api::probes_test
