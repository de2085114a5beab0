// Reads one partition of the topic from where the replica stands, in order. Assigned by hand: every
// node reads everything, whoever owns it. The partition thread's.
#pragma once

#include <optional>
#include <vector>

#include "domain/limits.hpp"
#include "store/kafka/bell.hpp"
#include "store/kafka/replica_state.hpp"
#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

class KafkaConsumer {
  public:
    static constexpr std::size_t kLogRecordBytesMax = domain::limits::kCommitBytesMax + 4'096;

    /// `bell` rings when there are records; it outlives the consumer. Errors: invalid_argument, io.
    [[nodiscard]] static domain::Result<KafkaConsumer> open(
        const ClusterOptions& options, std::uint32_t partition, Bell& bell,
        std::size_t record_bytes_max = kLogRecordBytesMax);

    /// The first record at or behind `offset`; nullopt: the topic ends before one. What is fetched
    /// next begins there. Errors: corrupt (the topic no longer reaches back so far, or ends
    /// before); io, retryable.
    [[nodiscard]] domain::Result<std::optional<Fetched>> first_at(std::int64_t offset);
    /// Fetches go on from here. Errors: io.
    [[nodiscard]] domain::Result<void> read_from(std::int64_t offset);
    /// Is this the topic that the replica read before? Reads its last record again and goes on
    /// behind it. Errors: corrupt (cut, deleted from, or another topic); io, retryable.
    [[nodiscard]] domain::Result<void> start(const ReplicaState& state);

    /// The next records, as many as are here already, up to a bound. Errors: corrupt, when the
    /// topic ends before where this reader stands.
    [[nodiscard]] domain::Result<std::vector<Fetched>> fetch();

    /// What the topic holds: its first record and its next one.
    struct Held {
        std::int64_t begin = 0, end = 0;
    };
    [[nodiscard]] domain::Result<Held> held() const;
    /// The offset of the topic's next record, asked of the broker. Errors: io, retryable.
    [[nodiscard]] domain::Result<std::int64_t> end() const;
    /// The same as the last fetch was told; nullopt: never told yet.
    [[nodiscard]] std::optional<std::int64_t> known_end() const;
    /// All records before this offset have been fetched: the topic ended there when a fetch last
    /// came to its end. Differs from what the last record says where compaction was.
    [[nodiscard]] std::int64_t came_to_end_at() const { return came_to_end_at_; }

  private:
    KafkaConsumer(Owned<rd_kafka_t> handle, std::string topic, std::uint32_t partition)
        : handle_(std::move(handle)),
          topic_(std::move(topic)),
          partition_(static_cast<std::int32_t>(partition)) {}

    Owned<rd_kafka_t> handle_;
    std::string topic_;
    std::int32_t partition_;
    std::int64_t came_to_end_at_ = 0;
};

}  // namespace decklog::store::kafka
