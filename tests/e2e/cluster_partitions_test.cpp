// The same promises with a topic of three partitions, whose owners are other nodes: workspaces live
// in partitions of their own, and any node takes any request.
#include <signal.h>

#include <boost/json.hpp>
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

}  // namespace decklog::e2e::cluster
