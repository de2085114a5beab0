// An operator rebuilds a view beside the live one, goes back, and asks what is parked: the real
// binary, over HTTP and on the files.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "domain/fact.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::rebuild {

Finished on(const ServerProcess& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--data", server.data().string()});
    return run_decklog(arguments);
}

bool says(const Finished& finished, const std::string& text) {
    return finished.out.find(text) != std::string::npos;
}

TEST(RebuildTest, TakesOverIsKeptAndGoesBackAcrossARestart) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", {{"DECKLOG_DRAIN_SECONDS", "0"}});
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient admin(server.url(), server.admin_token());
    for (int i = 0; i < 20; ++i) {
        const std::string id = std::to_string(i);
        ASSERT_EQ(admin
                      .post("/api/audit", R"({"id":")" + id + R"(","actorType":"worker",)" +
                                              R"("entityType":"m","entityId":")" + id +
                                              R"(","action":"ai_reply_error"})")
                      .status,
                  201);
    }
    const Finished rebuilt = on(server, {"rebuild", "--all"});
    EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err;
    EXPECT_TRUE(says(rebuilt, "instance         audit.v1.b2")) << rebuilt.out;
    EXPECT_TRUE(says(rebuilt, "kept             audit.v1.b1")) << rebuilt.out;
    EXPECT_EQ(server.stop(), 0);

    // Nobody serves: the command opens the files itself.
    const Finished back = on(server, {"rebuild", "audit", "--back"});
    EXPECT_EQ(back.exit_code, 0) << back.out << back.err;
    EXPECT_TRUE(says(back, "instance         audit.v1.b1")) << back.out;

    ASSERT_TRUE(server.start()) << server.log();
    const Finished again = on(server, {"rebuild", "audit", "--back"});
    EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
    EXPECT_TRUE(says(again, "instance         audit.v1.b2")) << again.out;
    const Finished nothing = on(server, {"parked", "list"});
    EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
    EXPECT_TRUE(says(nothing, "nothing is parked")) << nothing.out;
    EXPECT_EQ(on(server, {"parked", "retry", "audit"}).exit_code, 0);
    EXPECT_EQ(on(server, {"rebuild", "audit", "--back", "--accept"}).exit_code, 64);
    EXPECT_EQ(on(server, {"rebuild"}).exit_code, 64);
    EXPECT_EQ(server.stop(), 0);
}

/// Audit actions whose payload is no payload, straight into the ledger of a stopped server.
void poison(const std::filesystem::path& data, int times) {
    store::LedgerOptions options;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    const auto ledger = store::open_rocks_ledger(data, options);
    ASSERT_TRUE(ledger) << ledger.error().context;
    for (int i = 0; i < times; ++i) {
        domain::NewEvent event;
        event.type = domain::EventType::audit_action_recorded;
        event.stream = "ext/poison";
        event.occurred_at_us = now_seconds() * 1'000'000;
        event.action = "ai_reply_error";
        event.payload = {1, 2, 3, 4, 5, 6, 7, 8};
        store::Submission submission;
        submission.intent = domain::fact("poison", std::move(event));
        ASSERT_TRUE(store::submit_and_wait(**ledger, 0, {submission}).front().has_value());
    }
    (*ledger)->stop();
}

TEST(RebuildTest, WhatIsParkedIsListedWithItsReasonAndTriedAgain) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", {{"DECKLOG_DRAIN_SECONDS", "0"}});
    ASSERT_TRUE(server.start()) << server.log();
    ASSERT_EQ(server.stop(), 0);
    poison(server.data(), 2);
    const Finished as_json = on(server, {"parked", "list", "audit", "--json"});
    ASSERT_EQ(as_json.exit_code, 0) << as_json.err;
    const auto key = boost::json::parse(as_json.out).as_object();
    EXPECT_EQ(key.at("view"), "audit");
    EXPECT_EQ(key.at("events"), 2);
    EXPECT_FALSE(key.at("reason").as_string().empty());

    const Finished table = on(server, {"parked", "list"});
    EXPECT_EQ(table.exit_code, 0) << table.err;
    EXPECT_TRUE(table.out.starts_with("VIEW ")) << table.out;
    std::istringstream lines(table.out);
    bool is_listed = false;
    for (std::string line; std::getline(lines, line);) {
        is_listed = is_listed || (line.starts_with("audit ") &&
                                  line.find(key.at("key").as_string()) != std::string::npos &&
                                  line.find(key.at("position").as_string()) != std::string::npos);
    }
    EXPECT_TRUE(is_listed) << table.out << as_json.out;

    // The same build cannot fold them either: they stay parked, and nothing takes over.
    const Finished retried = on(server, {"parked", "retry", "audit"});
    EXPECT_EQ(retried.exit_code, 0) << retried.out << retried.err;
    EXPECT_EQ(on(server, {"parked", "list", "audit", "--json"}).out, as_json.out);
}

}  // namespace decklog::e2e::rebuild
