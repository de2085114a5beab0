// The brokers of the tests, one by one: ended, stopped, held and started again by tools/kafka,
// where it was this checkout's tools/kafka that started them. Header only.
#pragma once

#include <string>

#include "tests/e2e/cluster_nodes.hpp"
#include "tests/e2e/shell.hpp"

namespace decklog::e2e {

class BrokerControl {
  public:
    static constexpr int kBrokers = 3;

    /// Are there three of them, and are they the ones that the tests use?
    [[nodiscard]] static bool is_there() {
        const Shell status = run_shell(tool() + " status");
        return test_brokers() != nullptr && status.exit_code == 0 &&
               status.out.starts_with(std::string(test_brokers()) + "\n") &&
               status.out.find("broker 3: process") != std::string::npos;
    }
    /// `kill`, `stop`, `pause`, `resume` or `start`; broker from 1. False: it could not.
    [[nodiscard]] static bool tell(const std::string& what, int broker) {
        return run_shell(tool() + " " + what + " " + std::to_string(broker)).exit_code == 0;
    }

  private:
    static std::string tool() { return std::string(DECKLOG_SOURCE_DIR) + "/tools/kafka"; }
};

}  // namespace decklog::e2e
