#include "store/kafka/kafka_ledger.hpp"

#include "store/directory/private_files.hpp"
#include "store/disk_room.hpp"
#include "store/kafka/topic.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store::kafka {
namespace {

constexpr int kPartitions = 1;

}  // namespace

domain::Result<void> make_topics(const ClusterOptions& cluster, std::uint32_t raw_days) {
    const auto topic = open_sound_topic(cluster, log_topic(cluster, kPartitions));
    if (!topic) return tl::unexpected(topic.error());
    if (topic->partitions != kPartitions) {
        return domain::fail(domain::ErrorCode::invalid_argument,
                            "the topic " + cluster.topic + " has " +
                                std::to_string(topic->partitions) +
                                " partitions; this release writes topics of one");
    }
    const auto raw = open_sound_topic(cluster, raw_topic(cluster, kPartitions, raw_days));
    if (!raw) return tl::unexpected(raw.error());
    if (raw->partitions < kPartitions) {
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
    auto rows = RocksRows::open(directory, options.env, Durability::cached);
    if (!rows) return tl::unexpected(std::move(rows).error());
    LedgerOptions complete = options;
    if (!complete.disk_space) complete.disk_space = [root] { return disk_space_of(root); };
    auto partition = Partition::start(**rows, 0, cluster, complete);
    if (!partition) return tl::unexpected(std::move(partition).error());
    const Partition* started = partition->get();
    return KafkaLedger{std::make_unique<RowLedger>(*std::move(rows), *std::move(partition)),
                       started};
}

}  // namespace decklog::store::kafka
