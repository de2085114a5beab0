// Three real nodes on real brokers: each a process with a data directory and a port of its own, and
// each other's peers. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traffic.hpp"

namespace decklog::e2e {

/// The bootstrap list of brokers to test on (`tools/kafka up 3`); null: there are none.
[[nodiscard]] const char* test_brokers();

/// Asks again after each 503, as a client has to while the partition goes from one node to another.
/// The last answer.
[[nodiscard]] HttpAnswer insist(const std::function<HttpAnswer()>& ask);

class ClusterNodes {
  public:
    /// With more partitions than one, Telegram and Slack have workspaces of their own, `north` and
    /// `south`; everything else is in `default`. Slack's U0PILOT11XYZ is the operator `pilot` then.
    explicit ClusterNodes(std::uint32_t partitions = 1);

    /// Whenever this node is in the group the partition goes to it, from its next start on: members
    /// are given partitions in the order of their names, which begin with `client.id`.
    void prefer(std::size_t number);
    /// False: it does not own the partition, for long.
    [[nodiscard]] bool wait_until_it_owns(std::size_t number);
    /// What a node's command line begins with, from its next start on.
    void run_behind(std::size_t number, const std::vector<std::string>& prefix);
    /// Which build of decklog a node is, from its next start on.
    void run_build(std::size_t number, const std::filesystem::path& binary);
    [[nodiscard]] int port_of(std::size_t number) const;
    [[nodiscard]] bool start_all();
    [[nodiscard]] bool start(std::size_t node) { return nodes_[node]->start(kStartPatience); }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }
    [[nodiscard]] ServerProcess& node(std::size_t number) { return *nodes_[number]; }
    [[nodiscard]] Door door(std::size_t number) const { return {urls_[number], token_}; }
    /// `decklog events --url … --token …`.
    [[nodiscard]] std::vector<std::string> words_of(std::size_t number) const;
    /// The node that may write the partition; waits for one.
    [[nodiscard]] std::size_t owner(std::uint32_t partition = 0);
    [[nodiscard]] bool is_owner(std::size_t number, std::uint32_t partition = 0) const;
    /// Until something that was sent to this node is acknowledged.
    [[nodiscard]] std::chrono::milliseconds time_until_it_writes(std::size_t number);
    /// All nodes say the same chain head.
    [[nodiscard]] bool wait_for_same_chain();
    [[nodiscard]] std::string logs() const;

  private:
    static constexpr std::chrono::seconds kStartPatience{90};
    static constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
    [[nodiscard]] std::vector<std::string> serving(std::size_t number) const;
    [[nodiscard]] std::string config_of(std::size_t number) const;
    [[nodiscard]] std::string chain_of(std::size_t number) const;

    TemporaryFolder folder_;
    const std::uint32_t partitions_;
    std::size_t preferred_ = kNobody;
    std::string token_ = "cluster-test-admin-token-0123456789";
    std::vector<std::string> urls_;
    std::vector<std::unique_ptr<ServerProcess>> nodes_;
    int probes_ = 0;
};

}  // namespace decklog::e2e
