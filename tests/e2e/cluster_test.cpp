// Faults of nodes, brokers and networks under load, and what nodes of one cluster do for each
// other.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>

#include "tests/e2e/broker_control.hpp"
#include "tests/e2e/cluster_under_load.hpp"
#include "tests/e2e/cut_network.hpp"

namespace decklog::e2e::cluster {

TEST_F(ClusterTest, TheOwnerIsKilled) {
    under_load([this] {
        const std::size_t owner = cluster_->owner();
        cluster_->node(owner).kill_hard();
        note_outage(another(owner));
        ASSERT_TRUE(cluster_->start(owner)) << cluster_->logs();
    });
}

TEST_F(ClusterTest, AFollowerIsKilled) {
    under_load([this] {
        const std::size_t owner = cluster_->owner();
        const std::size_t follower = another(owner);
        cluster_->node(follower).kill_hard();
        note_outage(owner);
        ASSERT_TRUE(cluster_->start(follower)) << cluster_->logs();
    });
}

TEST_F(ClusterTest, TheOwnerSleepsPastItsSessionAndWakesUpAsAZombie) {
    under_load([this] {
        const std::size_t owner = cluster_->owner();
        kill(cluster_->node(owner).pid(), SIGSTOP);
        std::this_thread::sleep_for(8s);
        note_outage(another(owner));
        kill(cluster_->node(owner).pid(), SIGCONT);
        std::this_thread::sleep_for(2s);
    });
}

/// Brokers die and come back one at a time: two are always in sync, so nothing is refused for long.
class BrokerFaults : public ClusterTest {
  protected:
    void SetUp() override {
        ClusterTest::SetUp();
        if (!IsSkipped() && !BrokerControl::is_there())
            GTEST_SKIP() << "the brokers are not those of this checkout's tools/kafka up 3";
    }
    /// Brokers take their time to come back, and all that is sent meanwhile is sent again.
    [[nodiscard]] int rounds() const override { return is_soak() ? 9 : 1; }
    [[nodiscard]] int clients_a_node() const override { return 1; }
    void TearDown() override {
        for (int broker = 1; broker <= BrokerControl::kBrokers; ++broker)
            static_cast<void>(BrokerControl::tell("start", broker));
    }
    /// Another one each time, so that the leader is among them.
    void each_broker(const std::string& down, const std::string& up, std::chrono::seconds away) {
        under_load([&] {
            const int broker = next_broker_++ % BrokerControl::kBrokers + 1;
            ASSERT_TRUE(BrokerControl::tell(down, broker));
            std::this_thread::sleep_for(away);
            note_outage(another(cluster_->owner()));
            ASSERT_TRUE(BrokerControl::tell(up, broker));
            note_outage(cluster_->owner());
        });
    }

  private:
    int next_broker_ = 0;
};

TEST_F(BrokerFaults, ABrokerIsKilled) { each_broker("kill", "start", 1s); }

TEST_F(BrokerFaults, ABrokerIsRestartedAndItsLeadershipsMove) { each_broker("stop", "start", 0s); }

TEST_F(BrokerFaults, ABrokerHangsAndWakesUp) { each_broker("pause", "resume", 5s); }

/// Node 0 can be cut off from the brokers, and is the owner when it is.
class NetworkFault : public ClusterTest {
  protected:
    void arrange() override {
        network_ = std::make_unique<CutNetwork>(
            cluster_->port_of(0), std::vector{cluster_->port_of(1), cluster_->port_of(2)},
            ports_of(test_brokers()));
        if (!network_->is_there())
            GTEST_SKIP() << "no network namespace can be made here: that takes root";
        cluster_->prefer(0);
        cluster_->run_behind(0, network_->prefix());
    }
    void TearDown() override {
        cluster_.reset();
        network_.reset();
    }

    std::unique_ptr<CutNetwork> network_;
};

TEST_F(NetworkFault, TheOwnerIsCutOffFromTheBrokersAndComesBack) {
    under_load([this] {
        ASSERT_TRUE(cluster_->wait_until_it_owns(0)) << cluster_->logs();
        network_->cut();
        note_outage(1);
        std::this_thread::sleep_for(2s);
        network_->heal();  // what was on its way arrives now
        std::this_thread::sleep_for(2s);
    });
}

TEST_F(ClusterTest, WhatIsWrittenAtOneNodeIsReadAtAnotherThatIsAskedToWait) {
    const std::size_t owner = cluster_->owner();
    for (int i = 0; i < 20; ++i) {
        const Door at = cluster_->door(another(owner)), reads = cluster_->door(another(owner + 1));
        HttpClient writer(at.url, at.token), reader(reads.url, reads.token);
        const std::string id = "ryw-" + std::to_string(i);
        const std::string body =
            R"({"actorType":"system","actorId":"s","entityType":"t","entityId":")" + id +
            R"(","action":"a","details":{},"id":")" + id + R"("})";
        const HttpAnswer wrote = insist([&] { return writer.post("/api/audit", body); });
        ASSERT_EQ(wrote.status, 201) << wrote.body;
        const auto position = boost::json::parse(wrote.body).as_object().at("position");
        const HttpAnswer read =
            reader.get("/api/events?limit=1&order=desc&wait=" + std::string(position.as_string()));
        EXPECT_EQ(read.status, 200) << read.body;
        EXPECT_NE(read.body.find(id), std::string::npos) << read.body;
    }
}

TEST_F(ClusterTest, AnyNodeExportsOpenedPartsAndTheLogSaysSo) {
    const Door door = cluster_->door(cluster_->owner());
    HttpClient writer(door.url, door.token);
    const HttpAnswer wrote = insist([&] {
        return writer.post("/api/audit",
                           R"({"actorType":"agent","entityType":"t","entityId":"e","action":"a",)"
                           R"("details":{"note":"hello"},"id":"sealed-1"})");
    });
    ASSERT_EQ(wrote.status, 201) << wrote.body;
    const auto position = boost::json::parse(wrote.body).as_object().at("position");
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        const Door at = cluster_->door(node);
        HttpClient client(at.url, at.token);
        const std::string waited = "?limit=1&wait=" + std::string(position.as_string());
        ASSERT_EQ(client.get("/api/events" + waited).status, 200);
        const HttpAnswer exported =
            insist([&] { return client.get("/api/admin/export?personal=true"); });
        EXPECT_NE(exported.body.find(R"("note":"hello")"), std::string::npos) << exported.body;
        EXPECT_NE(exported.body.find(R"({"export":"end")"), std::string::npos) << exported.body;
        ASSERT_TRUE(cluster_->wait_for_same_chain());
        const HttpAnswer read = client.get("/api/events?type=PersonalDataRead&order=desc&limit=10");
        EXPECT_EQ(boost::json::parse(read.body).at("items").as_array().size(), node + 1)
            << read.body;
        EXPECT_EQ(client.post("/api/cluster/personal-reads", R"({"filter":"x","count":1})").status,
                  404)
            << "between nodes alone";
    }
}

TEST_F(ClusterTest, ANodeBeginsFromTheBackupOfAnother) {
    const std::size_t owner = cluster_->owner(), made_anew = another(owner);
    const auto write = [&](const std::string& id) {
        const Door at = cluster_->door(owner);
        HttpClient client(at.url, at.token);
        const std::string body =
            R"({"actorType":"system","actorId":"s","entityType":"t","entityId":")" + id +
            R"(","action":"a","details":{"said":"hello"},"id":")" + id + R"("})";
        const HttpAnswer wrote = insist([&] { return client.post("/api/audit", body); });
        ASSERT_EQ(wrote.status, 201) << wrote.body;
    };
    for (int i = 0; i < 30; ++i) write("before-" + std::to_string(i));
    TemporaryFolder folder;
    const auto backup = folder.path() / "backup";
    const auto decklog = [](const std::vector<std::string>& words) {
        std::string line = decklog_binary().string();
        for (const std::string& word : words) line += " '" + word + "'";
        return run_shell(line);
    };
    std::vector<std::string> making{"backup", backup.string()};
    for (const std::string& word : cluster_->words_of(owner)) making.push_back(word);
    const Shell made = decklog(making);
    ASSERT_EQ(made.exit_code, 0) << made.out;
    write("after");

    cluster_->node(made_anew).kill_hard();
    const auto data = cluster_->node(made_anew).data();
    std::filesystem::remove_all(data);
    const Shell plain = decklog({"restore", backup.string(), "--data", data.string()});
    EXPECT_EQ(plain.exit_code, 1);
    const Shell restored = decklog({"restore", backup.string(), "--data", data.string(), "--node"});
    ASSERT_EQ(restored.exit_code, 0) << restored.out;
    EXPECT_NE(restored.out.find("node of"), std::string::npos) << restored.out;
    ASSERT_TRUE(cluster_->start(made_anew)) << cluster_->logs();
    EXPECT_TRUE(cluster_->wait_for_same_chain()) << cluster_->logs();
    const Door door = cluster_->door(made_anew);
    HttpClient client(door.url, door.token);
    const HttpAnswer all = client.get("/api/events?stream=audit/t/before-7");
    EXPECT_NE(all.body.find("hello"), std::string::npos) << "its keys come from the topic";
}

}  // namespace decklog::e2e::cluster
