#include "store/kafka/kafka_ledger.hpp"

#include "store/directory/directory.hpp"
#include "store/directory/private_files.hpp"
#include "store/disk_room.hpp"
#include "store/kafka/topic.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store::kafka {

domain::Result<void> make_topics(const ClusterOptions& cluster, std::uint32_t raw_days) {
    const int partitions = static_cast<int>(cluster.partitions);
    const auto topic = open_sound_topic(cluster, log_topic(cluster, partitions));
    if (!topic) return tl::unexpected(topic.error());
    if (topic->partitions != partitions) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            "the topic " + cluster.topic + " has " +
                                std::to_string(topic->partitions) + " partitions, not the " +
                                std::to_string(partitions) +
                                " of DECKLOG_KAFKA_PARTITIONS; a log keeps the number that it "
                                "was made with");
    }
    const auto raw = open_sound_topic(cluster, raw_topic(cluster, partitions, raw_days));
    if (!raw) return tl::unexpected(raw.error());
    if (raw->partitions < partitions) {
        return domain::fail(
            domain::ErrorCode::invalid_argument,
            "the topic " + cluster.topic + ".raw has fewer partitions than " + cluster.topic);
    }
    return {};
}

domain::Result<KafkaLedger> open_kafka_ledger(const std::filesystem::path& root,
                                              const ClusterOptions& cluster,
                                              const LedgerOptions& options) {
    if (auto good = make_topics(cluster, options.raw_days); !good)
        return tl::unexpected(std::move(good).error());
    const std::filesystem::path directory = root / "ledger";
    if (auto made = create_private_directory(directory); !made)
        return tl::unexpected(std::move(made).error());
    if (auto admitted = admit_partitions(root, cluster.partitions); !admitted)
        return tl::unexpected(std::move(admitted).error());
    auto rows = RocksRows::open(directory, options.env, Durability::cached);
    if (!rows) return tl::unexpected(std::move(rows).error());
    LedgerOptions complete = options;
    if (!complete.disk_space) complete.disk_space = [root] { return disk_space_of(root); };
    const auto node = std::make_shared<Node>(cluster);
    RowLedger::Writers writers;
    std::vector<const Partition*> started;
    for (std::uint32_t number = 0; number < cluster.partitions; ++number) {
        auto partition = Partition::start(**rows, number, node, cluster, complete);
        if (!partition) return tl::unexpected(std::move(partition).error());
        started.push_back(partition->get());
        writers.push_back(*std::move(partition));
    }
    return KafkaLedger{std::make_unique<RowLedger>(*std::move(rows), std::move(writers)),
                       std::move(started)};
}

}  // namespace decklog::store::kafka
