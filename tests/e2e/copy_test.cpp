// The real binary: a served ledger moves into a topic, nodes go on with it, and it moves back, keys
// and all.
#include <gtest/gtest.h>

#include "tests/e2e/cluster_nodes.hpp"

namespace decklog::e2e::copying {

std::string action(int number) {
    return R"({"id":"act-)" + std::to_string(number) +
           R"(","action":"ai_reply_created","actorType":"agent","actorId":"a","entityType":"conversation",)"
           R"("entityId":"c-1","details":{"note":"words of number )" +
           std::to_string(number) + R"("}})";
}

class CopyTest : public testing::Test {
  protected:
    void SetUp() override {
        if (test_brokers() == nullptr)
            GTEST_SKIP() << "no brokers: DECKLOG_TEST_KAFKA is not set (tools/kafka up 3)";
        cluster_["DECKLOG_KAFKA_BROKERS"] = test_brokers();
        cluster_["DECKLOG_KAFKA_TOPIC"] = "copy-" + folder_.path().filename().string();
        cluster_["DECKLOG_VAULT_KEY"] = std::string(64, 'd');
        cluster_["DECKLOG_CLUSTER_SECRET"] = std::string(40, 's');
        cluster_["DECKLOG_ADMIN_TOKEN"] = token_;
        cluster_["DECKLOG_DRAIN_SECONDS"] = "0";
    }
    [[nodiscard]] std::string path(const char* name) const {
        return (folder_.path() / name).string();
    }
    [[nodiscard]] std::map<std::string, std::string> alone() const {
        return {{"DECKLOG_ADMIN_TOKEN", token_}, {"DECKLOG_DRAIN_SECONDS", "0"}};
    }
    /// The action with this number, there already or not, and what of its words shows.
    void expect_served(const ServerProcess& server, int new_number) {
        HttpClient client(server.url(), token_);
        const HttpAnswer repeated = client.post("/api/audit", action(1));
        EXPECT_EQ(repeated.status, 201) << repeated.body;
        EXPECT_NE(repeated.body.find(R"("deduplicated":true)"), std::string::npos) << repeated.body;
        EXPECT_EQ(client.post("/api/audit", action(new_number)).status, 201);
        const HttpAnswer read = client.get("/api/events?action=ai_reply_created&limit=100");
        EXPECT_NE(read.body.find("words of number 1\""), std::string::npos) << read.body;
    }

    TemporaryFolder folder_;
    std::string token_ = "copy-test-admin-token-0123456789ab";
    std::map<std::string, std::string> cluster_;
};

TEST_F(CopyTest, MovesALedgerIntoATopicAndBackWithItsKeys) {
    {
        ServerProcess server(path("first"), alone());
        ASSERT_TRUE(server.start()) << server.log();
        expect_served(server, 2);
        const Finished busy =
            run_decklog({"copy", "--data", path("first"), "--to-topic"}, cluster_);
        EXPECT_EQ(busy.exit_code, 1) << "a server runs on it\n" << busy.err;
    }
    const Finished moved =
        run_decklog({"copy", "--data", path("first"), "--to-topic", "--vault"}, cluster_);
    ASSERT_EQ(moved.exit_code, 0) << moved.err;
    {
        ServerProcess left(path("first"), alone());
        EXPECT_FALSE(left.start(std::chrono::seconds(10))) << "never ready again";
        HttpClient client(left.url(), token_);
        const HttpAnswer refused = client.post("/api/audit", action(3));
        EXPECT_EQ(refused.status, 503);
        EXPECT_NE(refused.body.find("ledger_moved"), std::string::npos) << refused.body;
        EXPECT_NE(client.get("/health").body.find(R"("state":"moved")"), std::string::npos);
        EXPECT_EQ(left.stop(), 0);
    }
    {
        ServerProcess node(path("node"), cluster_);
        ASSERT_TRUE(node.start()) << node.log();
        expect_served(node, 4);
        EXPECT_EQ(node.stop(), 0);
    }
    const Finished back =
        run_decklog({"copy", "--data", path("node"), "--to", path("second"), "--vault"}, cluster_);
    ASSERT_EQ(back.exit_code, 0) << back.err;
    ServerProcess server(path("second"), alone());
    ASSERT_TRUE(server.start()) << server.log();
    expect_served(server, 5);
    EXPECT_EQ(server.stop(), 0);
    const Finished verified = run_decklog({"verify", "--data", path("second")});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
}

TEST_F(CopyTest, AMovedLedgerCanBeTakenBack) {
    {
        ServerProcess server(path("first"), alone());
        ASSERT_TRUE(server.start()) << server.log();
        expect_served(server, 2);
    }
    const Finished none = run_decklog({"copy", "--data", path("first"), "--take-back"});
    EXPECT_EQ(none.exit_code, 1) << none.out;
    ASSERT_EQ(run_decklog({"copy", "--data", path("first"), "--to", path("second")}).exit_code, 0);
    ASSERT_EQ(run_decklog({"copy", "--data", path("first"), "--take-back"}).exit_code, 0);
    ServerProcess server(path("first"), alone());
    ASSERT_TRUE(server.start()) << server.log();
    expect_served(server, 3);
}

}  // namespace decklog::e2e::copying
