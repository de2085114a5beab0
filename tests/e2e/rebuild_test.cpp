// An operator rebuilds a view beside the live one, goes back, and asks what is parked: the real
// binary, over HTTP and on the files.
#include <gtest/gtest.h>

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
    ServerProcess server(folder.path() / "data", hook_secrets());
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

}  // namespace decklog::e2e::rebuild
