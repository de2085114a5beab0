// The same promises with a topic of three partitions, whose owners are other nodes: workspaces live
// in partitions of their own, and any node takes any request.
#include <signal.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <map>

#include "tests/e2e/cluster_under_load.hpp"

namespace decklog::e2e::cluster {

/// Of the answer to a write; empty: it says none.
std::string position_in(const std::string& head) {
    constexpr std::string_view kName = "Decklog-Position: ";
    const auto at = head.find(kName);
    if (at == std::string::npos) return {};
    const auto begin = at + kName.size();
    return head.substr(begin, head.find('\r', begin) - begin);
}

class PartitionedCluster : public ClusterTest {
  protected:
    [[nodiscard]] std::uint32_t partitions() const override { return 3; }

    /// Where the first event of this workspace is, as `decklog events` says it.
    std::map<std::string, std::set<std::string>> partitions_of_workspaces(std::size_t node) {
        std::vector<std::string> arguments{"events", "--json"};
        for (const std::string& word : cluster_->words_of(node)) arguments.push_back(word);
        const Finished finished = run_decklog(arguments);
        EXPECT_EQ(finished.exit_code, 0) << finished.err;
        std::map<std::string, std::set<std::string>> places;
        std::istringstream lines(finished.out);
        for (std::string line; std::getline(lines, line);) {
            const auto event = boost::json::parse(line).as_object();
            const std::string position(event.at("position").as_string());
            const auto dot = position.find('.'), colon = position.find(':');
            places[std::string(event.at("workspace").as_string())].insert(
                position.substr(dot + 1, colon - dot - 1));
        }
        return places;
    }
};

TEST_F(PartitionedCluster, WorkspacesLiveInPartitionsOfTheirOwnWhicheverNodeIsAsked) {
    under_load([] { std::this_thread::sleep_for(1s); });
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        auto places = partitions_of_workspaces(node);
        EXPECT_EQ(places["north"].size(), 1U);
        EXPECT_EQ(places["south"].size(), 1U);
        EXPECT_NE(places["north"], places["south"]);
        EXPECT_FALSE(places["north"].contains("0"));
        // Each partition begins with an event about itself.
        EXPECT_EQ(places["default"], (std::set<std::string>{"0", "1", "2"}));
    }
}

TEST_F(PartitionedCluster, OwnersAreKilledOneAfterTheOther) {
    std::uint32_t partition = 0;
    under_load([this, &partition] {
        const std::size_t owner = cluster_->owner(partition++ % partitions());
        cluster_->node(owner).kill_hard();
        note_outage(another(owner));
        ASSERT_TRUE(cluster_->start(owner)) << cluster_->logs();
    });
}

TEST_F(PartitionedCluster, AnOwnerSleepsPastItsSessionAndWakesUpAsAZombie) {
    under_load([this] {
        const std::size_t owner = cluster_->owner(1);
        kill(cluster_->node(owner).pid(), SIGSTOP);
        std::this_thread::sleep_for(8s);
        note_outage(another(owner));
        kill(cluster_->node(owner).pid(), SIGCONT);
        std::this_thread::sleep_for(2s);
    });
}

TEST_F(PartitionedCluster, WhatIsWrittenInAnyPartitionIsReadAtAnotherNodeThatIsAskedToWait) {
    for (std::uint64_t n = 0; n < 40; ++n) {
        const Sent sent = make_request(9'000'000 + n);
        const Door at = cluster_->door(n % 3), reads = cluster_->door((n + 1) % 3);
        HttpClient writer(at.url, at.token), reader(reads.url, reads.token);
        const HttpAnswer wrote = insist([&] { return send_once(writer, sent); });
        ASSERT_TRUE(wrote.status == 200 || wrote.status == 201) << wrote.body;
        const std::string position = position_in(wrote.head);
        ASSERT_FALSE(position.empty());
        const HttpAnswer read = reader.get("/api/events?limit=5&order=desc&wait=" + position +
                                           "&since=" + "2020-01-01T00:00:00Z");
        EXPECT_EQ(read.status, 200) << read.body;
        EXPECT_NE(read.body.find(sent.tags.back()), std::string::npos)
            << position << " " << read.body;
    }
}

TEST_F(PartitionedCluster, ACommandFromChatIsCarriedOutWherePartition0IsWritten) {
    const Door any = cluster_->door(0);
    HttpClient admin(any.url, any.token);
    const HttpAnswer made = insist([&] {
        return admin.post(
            "/api/rollouts",
            R"({"id":"lease-7","service":"lease-api","release":"v2","baselineRelease":"v1"})");
    });
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string body =
        "team_id=T0MAIN&channel_id=C0OPS&channel_name=ops&user_id=U0PILOT11XYZ&user_name=ann."
        "example"
        "&command=%2Fdecklog&text=rollout+override+lease-7+--reason+ours+--expires+2h&trigger_id=1."
        "1";
    const auto headers = slack_headers(body, now_seconds(), "application/x-www-form-urlencoded");
    // Slack's workspace, `south`, is given its place by the first of these.
    std::uint32_t partition = 0;
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        const Door at = cluster_->door(node);
        HttpClient platform(at.url);
        const HttpAnswer answer =
            insist([&] { return platform.post("/hooks/slack", body, headers); });
        ASSERT_EQ(answer.status, 200) << answer.body << cluster_->logs();
        EXPECT_NE(answer.body.find("by pilot: ours"), std::string::npos) << answer.body;
        const std::string position = position_in(answer.head);
        partition = static_cast<std::uint32_t>(std::stoul(position.substr(position.find('.') + 1)));
        EXPECT_NE(partition, 0U);
    }
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (cluster_->owner(partition) == cluster_->owner(0))
        ASSERT_LT(std::chrono::steady_clock::now(), until) << "two nodes write the two by now";
    const std::string stage =
        "team_id=T0MAIN&channel_id=C0OPS&channel_name=ops&user_id=U0PILOT11XYZ&user_name=ann."
        "example"
        "&command=%2Fdecklog&text=rollout+stage+lease-7+canary+--weight+5&trigger_id=1.2";
    const Door there = cluster_->door(cluster_->owner(partition));
    HttpClient platform(there.url);
    const HttpAnswer moved = insist([&] {
        return platform.post(
            "/hooks/slack", stage,
            slack_headers(stage, now_seconds(), "application/x-www-form-urlencoded"));
    });
    ASSERT_EQ(moved.status, 200) << moved.body << cluster_->logs();
    EXPECT_NE(moved.body.find("lease-7: canary at 5 %"), std::string::npos) << moved.body;
    const HttpAnswer overridden =
        admin.get("/api/events?action=rollout_overridden&wait=" + position_in(moved.head));
    const auto items = boost::json::parse(overridden.body).as_object().at("items").as_array();
    ASSERT_EQ(items.size(), 1U) << "given three times, carried out once";
    const auto& event = items.front().as_object();
    EXPECT_EQ(event.at("actor").as_object().at("id"), "pilot");
    EXPECT_EQ(event.at("recordedBy"), "hook:slack:default") << "wherever it was carried out";
    EXPECT_FALSE(event.at("causationId").as_string().empty());
}

/// Raw bodies that a node has, as its own verify counts them; -1: it does not say.
int raw_bodies_at(const Door& door) {
    HttpClient client(door.url, door.token);
    const std::string lines = client.get("/api/admin/verify").body;
    constexpr std::string_view kCount = "\"rawBodies\":";
    const std::size_t at = lines.rfind(kCount);
    return at == std::string::npos ? -1 : std::atoi(lines.c_str() + at + kCount.size());
}

bool wait_for_raw_bodies(const Door& door, int bodies) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (raw_bodies_at(door) != bodies) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(50ms);
    }
    return true;
}

TEST_F(PartitionedCluster, WhoIsErasedLeavesNoBodyInAPartitionThatAnotherNodeWrites) {
    std::uint64_t n = 1;
    while (make_request(n).kind != Kind::stranger) ++n;
    const Sent hers = make_request(n);
    const Door any = cluster_->door(1);
    HttpClient client(any.url, any.token);
    const HttpAnswer wrote = insist([&] { return send_once(client, hers); });
    ASSERT_EQ(wrote.status, 200) << wrote.body;
    const std::string position = position_in(wrote.head);
    const auto dot = position.find('.');
    const auto partition = static_cast<std::uint32_t>(std::stoul(position.substr(dot + 1)));
    ASSERT_NE(partition, 0U) << position;
    // Until the nodes that came last have joined, one may write all partitions.
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (cluster_->owner(partition) == cluster_->owner(0))
        ASSERT_LT(std::chrono::steady_clock::now(), until) << cluster_->logs();
    for (std::size_t node = 0; node < cluster_->size(); ++node)
        ASSERT_TRUE(wait_for_raw_bodies(cluster_->door(node), 1)) << node;

    const std::string order =
        boost::json::serialize(boost::json::object{{"person", hers.stranger}, {"reason", "asked"}});
    const HttpAnswer erased = insist([&] { return client.post("/api/subjects/erase", order); });
    ASSERT_EQ(erased.status, 200) << erased.body << cluster_->logs();
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        EXPECT_TRUE(wait_for_raw_bodies(cluster_->door(node), 0)) << node << cluster_->logs();
        const Door at = cluster_->door(node);
        HttpClient reader(at.url, at.token);
        const std::string said = reader.get("/api/events?type=SubjectErased").body;
        const auto items = boost::json::parse(said).as_object().at("items").as_array();
        EXPECT_EQ(items.size(), 2U) << "one in the partition, one that says that all is done";
        const std::string all = reader.get("/api/events?limit=100").body;
        EXPECT_EQ(all.find(hers.tags.front()), std::string::npos) << all;
    }
}

}  // namespace decklog::e2e::cluster
