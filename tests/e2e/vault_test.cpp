// A ledger copied without its vault opens read-only: it can be verified, nobody's token is
// accepted, nothing sealed opens, and nothing is taken in.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e::vault {

constexpr const char* kOtherAdmin = "an-admin-token-that-is-never-stored-anywhere";
constexpr const char* kAction =
    R"({"id":"a1","actorType":"worker","entityType":"message","entityId":"m1","action":"ai_reply_error",)"
    R"("details":{"platform":"roomies","error":"the words of somebody"}})";

TEST(VaultTest, ALedgerWithoutItsVaultIsReadOnly) {
    const TemporaryFolder folder;
    const auto data = folder.path() / "data";
    std::string token;
    {
        ServerProcess server(data, hook_secrets());
        ASSERT_TRUE(server.start()) << server.log();
        token = server.admin_token();
        ASSERT_EQ(HttpClient(server.url(), token).post("/api/audit", kAction).status, 201);
        ASSERT_EQ(server.stop(), 0);
    }
    std::filesystem::remove_all(data / "vault");

    const Finished verified = run_decklog({"verify", "--data", data.string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    const Finished events = run_decklog({"events", "--json", "--data", data.string()});
    EXPECT_EQ(events.exit_code, 0) << events.err;
    EXPECT_NE(events.out.find("ai_reply_error"), std::string::npos);
    EXPECT_EQ(events.out.find("the words of somebody"), std::string::npos);
    EXPECT_NE(events.out.find("[sealed]"), std::string::npos) << events.out;
    const Finished created = run_decklog(
        {"token", "create", "--role", "admin", "--name", "new", "--data", data.string()});
    EXPECT_EQ(created.exit_code, 1);
    EXPECT_NE(created.err.find("read_only"), std::string::npos) << created.err;
    EXPECT_FALSE(std::filesystem::exists(data / "vault"))
        << "a new vault would make the old keys look erased";

    auto environment = hook_secrets();
    environment.emplace("DECKLOG_ADMIN_TOKEN", kOtherAdmin);
    ServerProcess server(data, environment);
    EXPECT_FALSE(server.start(std::chrono::seconds(3))) << "it must not call itself ready";
    HttpClient old_admin(server.url(), token);
    EXPECT_EQ(old_admin.get("/api/events").status, 401);
    HttpClient nobody(server.url());
    EXPECT_EQ(nobody.post("/hooks/telegram", R"({"update_id":1})", telegram_headers()).status, 503);
    EXPECT_NE(nobody.get("/ready").body.find("read_only"), std::string::npos);
    for (const std::string& action : {std::string(kAction), "[" + std::string(kAction) + "]"}) {
        const HttpAnswer refused = HttpClient(server.url(), kOtherAdmin).post("/api/audit", action);
        EXPECT_EQ(refused.status, 503) << refused.body;
        EXPECT_NE(refused.body.find(R"("error":"read_only")"), std::string::npos) << refused.body;
    }
}

}  // namespace decklog::e2e::vault
