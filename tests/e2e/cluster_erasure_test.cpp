// One conversation is erased at a node of a cluster. Every node then shows nothing of it and has
// nothing in its files that would open it, and so has a node that reads the vault's topic, keys and
// all, from its beginning.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <thread>

#include "tests/e2e/cluster_fixture.hpp"
#include "tests/e2e/file_search.hpp"
#include "tests/e2e/traces.hpp"

namespace decklog::e2e::cluster_erasure {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr const char* kHerWords = "the spare key is under the third stone";
constexpr const char* kOthersWords = "ebb tide at four, all moorings checked";
constexpr auto kPatience = 60s;

std::string said_in(const std::string& conversation, const std::string& words) {
    const json::object details{
        {"platform", "roomies"}, {"conversationId", conversation}, {"note", words}};
    return json::serialize(json::object{{"id", "said-in-" + conversation},
                                        {"actorType", "worker"},
                                        {"actorId", "w-1"},
                                        {"entityType", "conversation"},
                                        {"entityId", conversation},
                                        {"action", "inbox_manual_reply_dispatched"},
                                        {"details", details}});
}

class ClusterErasure : public WithCluster {
  protected:
    [[nodiscard]] HttpAnswer post(std::size_t node, const std::string& target,
                                  const std::string& body) const {
        const Door door = cluster_->door(node);
        HttpClient client(door.url, door.token);
        return insist([&] { return client.post(target, body); });
    }
    [[nodiscard]] std::string events_at(std::size_t node) const {
        const Door door = cluster_->door(node);
        return HttpClient(door.url, door.token).get("/api/events?limit=100").body;
    }
    /// False: the words of both are not to be seen there as they should, for long.
    [[nodiscard]] bool soon_shows(std::size_t node, bool hers) const {
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < until) {
            const std::string events = events_at(node);
            if (events.find(kOthersWords) != std::string::npos &&
                (events.find(kHerWords) != std::string::npos) == hers)
                return true;
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }
    void stop_all() const {
        for (std::size_t node = 0; node < cluster_->size(); ++node)
            ASSERT_EQ(cluster_->node(node).stop(), 0) << cluster_->logs();
    }
    void start_all() const { ASSERT_TRUE(cluster_->start_all()) << cluster_->logs(); }

    /// The keys in a node's vault: bytes that are unlike any others.
    [[nodiscard]] std::set<std::string> keys_of(std::size_t node) const {
        constexpr std::size_t kKeyBytes = 32;  // at the end of its row
        std::set<std::string> keys;
        for (const auto& [key, value] : vault_rows(cluster_->node(node).data()))
            if (key.front() == 'K') keys.insert(value.substr(value.size() - kKeyBytes));
        return keys;
    }
};

TEST_F(ClusterErasure, ReachesTheFilesOfEveryNodeAndOutlivesTheTopicThatHasTheKeys) {
    ASSERT_EQ(post(0, "/api/audit", said_in("hers", kHerWords)).status, 201);
    ASSERT_EQ(post(1, "/api/audit", said_in("others", kOthersWords)).status, 201);
    for (std::size_t node = 0; node < cluster_->size(); ++node)
        ASSERT_TRUE(soon_shows(node, true)) << node << cluster_->logs();
    stop_all();
    std::vector<std::set<std::string>> before;
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        before.push_back(keys_of(node));
        ASSERT_GE(before.back().size(), 2U) << "hers and the others'";
    }

    start_all();
    const HttpAnswer erased = post(2, "/api/subjects/erase",
                                   R"({"person":"conversation:roomies:hers","reason":"asked"})");
    ASSERT_EQ(erased.status, 200) << erased.body;
    for (std::size_t node = 0; node < cluster_->size(); ++node)
        EXPECT_TRUE(soon_shows(node, false)) << node << cluster_->logs();
    std::this_thread::sleep_for(10s);  // what followers clear up, they clear up by themselves
    stop_all();
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        const std::set<std::string> left = keys_of(node);
        std::vector<std::string> gone;
        std::set_difference(before[node].begin(), before[node].end(), left.begin(), left.end(),
                            std::back_inserter(gone));
        ASSERT_EQ(gone.size(), 1U) << "hers alone, node " << node;
        const std::string files = all_files(cluster_->node(node).data());
        EXPECT_EQ(found(files, gone.front()), 0U) << "her key is in a file of node " << node;
        for (const std::string& key : left) {
            if (!before[node].contains(key)) continue;
            EXPECT_GE(found(files, key), 1U) << "a search that finds nothing proves nothing";
        }
    }

    // A node that begins with nothing reads her key in the vault's topic, and that she is erased.
    std::filesystem::remove_all(cluster_->node(1).data());
    start_all();
    EXPECT_TRUE(soon_shows(1, false)) << cluster_->logs();
    EXPECT_EQ(post(1, "/api/audit", said_in("hers", kHerWords)).status, 201) << "a redelivery";
    EXPECT_TRUE(soon_shows(1, false)) << "and adds nothing";
}

}  // namespace decklog::e2e::cluster_erasure
