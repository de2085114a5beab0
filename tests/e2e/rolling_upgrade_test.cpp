// Three nodes of this release become nodes of the next one, one after the other and under load. The
// next release (tests/next_release) knows one level more, and an event type of it that this one has
// never heard of.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <thread>

#include "tests/e2e/cluster_fixture.hpp"

namespace decklog::e2e::rolling_upgrade {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr int kClientsANode = 2;
constexpr auto kPatience = 60s;
/// The type that they do not know is of the chat family, which is theirs or is not.
constexpr const char* kViewsThatStop[] = {"audit", "platforms", "rooms"};
constexpr const char* kViewsThatGoOn[] = {"baselines", "rollouts"};

std::filesystem::path next_release() {
    return std::filesystem::path(DECKLOG_BINARY_DIR) / "tests" / "decklog_next";
}

template <class Condition>
bool soon(const Condition& holds) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(50ms);
    }
    return true;
}

/// Asks one node.
class Asking {
  public:
    explicit Asking(const Door& door) : client_(door.url, door.token) {}

    [[nodiscard]] HttpAnswer raise_to(int level, const char* more = "") {
        const std::string body = R"({"level":)" + std::to_string(level) + more + "}";
        return insist([&] { return client_.post("/api/admin/level", body); });
    }
    [[nodiscard]] HttpAnswer open_thread(const std::string& id) {
        const std::string body = R"({"id":")" + id + R"("})";
        return insist([&] { return client_.post("/api/next/threads", body); });
    }
    [[nodiscard]] HttpAnswer audit(const std::string& id) {
        return client_.post("/api/audit", R"({"id":")" + id +
                                              R"(","actorType":"worker","entityType":"message",)" +
                                              R"("entityId":"m","action":"ai_reply_created"})");
    }
    [[nodiscard]] int ready() { return client_.get("/ready").status; }
    /// `state`, or `detail`, of a component of /health; empty: it has none.
    [[nodiscard]] std::string health(const std::string& component, const char* field = "state") {
        const auto health = json::parse(client_.get("/health").body);
        const auto& of = health.at("components").at(component).as_object();
        const auto* found = of.if_contains(field);
        return found == nullptr ? "" : std::string(found->as_string());
    }
    /// What the live view says, without the time of the answer.
    [[nodiscard]] std::string view(const std::string& target) {
        const HttpAnswer answer = client_.get(target);
        if (answer.status != 200) return std::to_string(answer.status) + " " + answer.body;
        auto said = json::parse(answer.body);
        said.as_object().erase("asOf");
        return json::serialize(said);
    }
    [[nodiscard]] HttpAnswer get(const std::string& target) { return client_.get(target); }

  private:
    HttpClient client_;
};

class RollingUpgrade : public WithCluster {
  protected:
    [[nodiscard]] Asking at(std::size_t node) const { return Asking(cluster_->door(node)); }

    void under_load(const std::function<void()>& what) {
        std::vector<std::unique_ptr<Load>> loads;
        for (std::size_t i = 0; i < cluster_->size(); ++i)
            loads.push_back(
                std::make_unique<Load>(cluster_->door(i), history_, next_, kClientsANode));
        std::this_thread::sleep_for(500ms);
        what();
        std::this_thread::sleep_for(500ms);
    }

    void upgrade(std::size_t node) {
        ASSERT_EQ(cluster_->node(node).stop(), 0) << cluster_->logs();
        cluster_->run_build(node, next_release());
        ASSERT_TRUE(cluster_->start(node)) << cluster_->logs();
    }

    void expect_it_follows(std::size_t node) const {
        Asking old = at(node);
        EXPECT_TRUE(soon([&] { return old.health("topic") == "follows_only"; }));
        EXPECT_EQ(old.health("topic", "detail"),
                  "the log is at level 2, this release knows levels up to 1");
        for (const std::string view : kViewsThatStop) {
            EXPECT_TRUE(soon([&] { return old.health("view:" + view) == "stopped"; })) << view;
            const std::string why = old.health("view:" + view, "detail");
            EXPECT_NE(why.find(": event type 0x030f is unknown to this build"), std::string::npos)
                << view << " " << why;
        }
        for (const std::string view : kViewsThatGoOn)
            EXPECT_TRUE(soon([&] { return old.health("view:" + view) == "ready"; })) << view;
        EXPECT_EQ(old.ready(), 503) << "its views are not to be asked";
        const std::string thread = old.get("/api/events?stream=thread/t-1").body;
        EXPECT_NE(thread.find("unknown:0x030f"), std::string::npos) << thread;
        const std::string id = "left-behind-" + std::to_string(++audits_);
        EXPECT_EQ(insist([&] { return old.audit(id); }).status, 201)
            << "it hands writes on as ever";
        EXPECT_FALSE(cluster_->is_owner(node));
    }

    void expect_it_does_not_own_when_it_is_alone(std::size_t node) {
        for (std::size_t other = 0; other < cluster_->size(); ++other) {
            if (other == node) continue;
            ASSERT_EQ(cluster_->node(other).stop(), 0);
        }
        std::this_thread::sleep_for(5s);  // whoever were in the group would have it by now
        EXPECT_FALSE(cluster_->is_owner(node));
        EXPECT_EQ(at(node).audit("alone").status, 503);
        for (std::size_t other = 0; other < cluster_->size(); ++other) {
            if (other == node) continue;
            ASSERT_TRUE(cluster_->start(other)) << cluster_->logs();
        }
    }

    void expect_the_same_views() const {
        for (const char* target :
             {"/api/rooms?limit=100", "/api/audit?limit=100&since=2026-01-01T00:00:00Z",
              "/api/admin/platform-accounts", "/api/admin/observability"}) {
            const auto same = [&](std::size_t node) {
                return at(node).view(target) == at(0).view(target);
            };
            EXPECT_TRUE(soon([&] { return same(1) && same(2); })) << target << "\n"
                                                                  << at(0).view(target) << "\n"
                                                                  << at(2).view(target);
        }
    }

    void expect_nothing_lost_and_nothing_twice() {
        ASSERT_TRUE(cluster_->wait_for_same_chain()) << cluster_->logs();
        const auto acknowledged = history_.acknowledged();
        EXPECT_GT(acknowledged.size(), 20U) << "too little load to mean anything";
        for (std::size_t i = 0; i < cluster_->size(); ++i)
            EXPECT_EQ(broken_promises(read_log(cluster_->words_of(i)), acknowledged),
                      std::vector<std::string>{})
                << "node " << i << "\n"
                << cluster_->logs();
    }
    void expect_refused(const HttpAnswer& answer, const char* code, std::size_t node) {
        EXPECT_EQ(answer.status, 409) << answer.body;
        EXPECT_NE(answer.body.find(code), std::string::npos) << answer.body;
        EXPECT_NE(answer.body.find(cluster_->node(node).url()), std::string::npos) << answer.body;
    }
    void expect_repeats_add_nothing() {
        const auto sent = history_.sent();
        EXPECT_EQ(redeliver(cluster_->door(2), sent, kClientsANode), std::vector<std::string>{});
        EXPECT_EQ(read_log(cluster_->words_of(0)).tags.size(), count_tags(sent));
    }

    History history_;
    std::atomic<std::uint64_t> next_{1};
    mutable int audits_ = 0;
};

TEST_F(RollingUpgrade, NodeByNodeAndThenTheLevel) {
    const HttpAnswer too_early = at(0).raise_to(2);
    EXPECT_EQ(too_early.status, 400) << too_early.body;
    EXPECT_NE(too_early.body.find("level_unknown"), std::string::npos) << too_early.body;
    under_load([this] {
        for (std::size_t node = 0; node < cluster_->size(); ++node) upgrade(node);
    });
    const HttpAnswer too_low = at(0).open_thread("t-1");
    EXPECT_NE(too_low.body.find("level_too_low"), std::string::npos) << too_low.body;
    ASSERT_EQ(cluster_->node(0).stop(), 0);
    expect_refused(at(1).raise_to(2), "node_silent", 0);
    ASSERT_TRUE(cluster_->start(0)) << cluster_->logs();
    EXPECT_EQ(at(1).raise_to(2).status, 200);
    EXPECT_EQ(at(2).open_thread("t-1").status, 200);
    under_load([] {});
    expect_nothing_lost_and_nothing_twice();
    expect_repeats_add_nothing();
    for (std::size_t node = 0; node < cluster_->size(); ++node) {
        EXPECT_EQ(at(node).ready(), 200);
        EXPECT_NE(at(node).get("/api/events?stream=thread/t-1").body.find("ThreadOpened"),
                  std::string::npos);
    }
}

TEST_F(RollingUpgrade, ANodeLeftBehindFollowsAndCatchesUpOnceItIsUpgraded) {
    constexpr std::size_t kOld = 2;
    cluster_->prefer(0);
    under_load([this] {
        upgrade(0);
        upgrade(1);
    });
    ASSERT_TRUE(cluster_->wait_until_it_owns(0)) << cluster_->logs();
    under_load([this] {
        expect_refused(at(kOld).raise_to(2), "level_unknown_to_node", kOld);
        const HttpAnswer raised = at(kOld).raise_to(2, R"(,"force":true)");
        EXPECT_EQ(raised.status, 200) << raised.body;
        EXPECT_EQ(at(0).open_thread("t-1").status, 200);
    });
    expect_it_follows(kOld);
    expect_nothing_lost_and_nothing_twice();

    ASSERT_EQ(cluster_->node(kOld).stop(), 0);
    EXPECT_EQ(at(0).open_thread("t-2").status, 200);
    EXPECT_FALSE(cluster_->node(kOld).start(3s)) << "ready, with views that it cannot fold";
    expect_it_follows(kOld);
    expect_it_does_not_own_when_it_is_alone(kOld);

    upgrade(kOld);
    expect_the_same_views();
    expect_nothing_lost_and_nothing_twice();
    expect_repeats_add_nothing();
}

}  // namespace decklog::e2e::rolling_upgrade
