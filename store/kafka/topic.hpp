// The topics that a cluster stands on: made with settings that keep what was acknowledged, and
// refused, setting by setting, when they have weaker ones (design §7). Any thread; asks the
// brokers.
#pragma once

#include <string>
#include <vector>

#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

/// What a setting of a topic has to be.
struct Demand {
    enum class Kind : std::uint8_t { exactly, at_least, at_most };
    std::string setting;
    std::string value;
    Kind kind = Kind::exactly;
};

/// What a topic is for decides what it has to be like.
struct TopicPlan {
    std::string name;
    int partitions = 1;
    std::vector<Demand> demands{};
};

/// The log itself: nothing is ever deleted.
[[nodiscard]] TopicPlan log_topic(const ClusterOptions& options, int partitions);
/// `<topic>.vault`: of each row the newest record, the others gone within a day.
[[nodiscard]] TopicPlan vault_topic(const ClusterOptions& options);

/// `<topic>.raw`: raw bodies, for as many days as they are kept; 0: for ever.
[[nodiscard]] TopicPlan raw_topic(const ClusterOptions& options, int partitions,
                                  std::uint32_t raw_days);

struct TopicFacts {
    int partitions = 0;
    int replication = 0;
    std::map<std::string, std::string> settings{};  // as the brokers say them
};

/// The topic's facts; makes it when it is not there, as planned, of three replicas where there are
/// three brokers. Errors: io (brokers not reachable).
[[nodiscard]] domain::Result<TopicFacts> open_topic(const ClusterOptions& options,
                                                    const TopicPlan& plan);

/// Where a topic falls short of its plan and may lose what was acknowledged, or keep what was
/// erased, each named with what it has to be; empty: nowhere. Pure.
[[nodiscard]] std::vector<std::string> weaknesses(const TopicFacts& topic, const TopicPlan& plan);

/// Opens the topic and refuses it where it is weak, unless that is allowed: then it warns. Errors:
/// invalid_argument, each weakness by name; io (brokers not reachable).
[[nodiscard]] domain::Result<TopicFacts> open_sound_topic(const ClusterOptions& options,
                                                          const TopicPlan& plan);

}  // namespace decklog::store::kafka
