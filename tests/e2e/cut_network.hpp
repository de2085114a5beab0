// A node in a network namespace of its own, with relays to its peers and, apart from them, to the
// brokers: so the way to the brokers alone can be cut. Needs root. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/e2e/server_process.hpp"

namespace decklog::e2e {

class CutNetwork {
  public:
    /// Ports of the host's loopback: the node's own, those of its peers, those of the brokers. May
    /// such namespaces not be made here, `is_there` says so.
    CutNetwork(int node, const std::vector<int>& peers, const std::vector<int>& brokers);
    ~CutNetwork();
    CutNetwork(const CutNetwork&) = delete;
    CutNetwork& operator=(const CutNetwork&) = delete;

    [[nodiscard]] bool is_there() const { return is_there_; }
    /// What the node's command line begins with.
    [[nodiscard]] std::vector<std::string> prefix() const;
    /// Nothing reaches the brokers from the node, nor it from them, and nobody is told.
    void cut() const;
    void heal() const;

  private:
    [[nodiscard]] pid_t relay(bool inside, const std::vector<std::string>& routes) const;
    [[nodiscard]] std::string meeting(const std::string& name) const;

    TemporaryFolder folder_;  // where the relays meet
    std::string name_;
    bool is_there_ = false;
    std::vector<pid_t> relays_;
    pid_t to_brokers_ = -1;
};

/// The ports of `127.0.0.1:1,127.0.0.1:2`.
[[nodiscard]] std::vector<int> ports_of(const std::string& addresses);

}  // namespace decklog::e2e
