// The topic that a ledger stands on: made with settings that keep what was acknowledged, and
// refused, setting by setting, when it has weaker ones (design §7). Any thread; asks the brokers.
#pragma once

#include <string>
#include <vector>

#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

struct TopicFacts {
    int partitions = 0;
    int replication = 0;
    std::map<std::string, std::string> settings{};  // as the brokers say them
};

/// The topic's facts; makes it when it is not there: `partitions` of them, three replicas where
/// there are three brokers, nothing ever deleted. Errors: io (brokers not reachable).
[[nodiscard]] domain::Result<TopicFacts> open_topic(const ClusterOptions& options, int partitions);

/// What may lose an acknowledged commit, each named with what it has to be; empty: nothing. Pure.
[[nodiscard]] std::vector<std::string> weaknesses(const TopicFacts& topic);

}  // namespace decklog::store::kafka
