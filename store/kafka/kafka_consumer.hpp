// Reads one partition of the topic from where the replica stands, in order. Assigned by hand: every
// node reads everything, whoever owns it. The partition thread's.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "domain/limits.hpp"
#include "store/kafka/bell.hpp"
#include "store/kafka/replica_state.hpp"
#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

class KafkaConsumer {
  public:
    /// What a topic's records are like, and how much of them librdkafka reads ahead.
    struct Reading {
        std::size_t record_bytes_max;
        std::size_t ahead_bytes, ahead_records;  // whichever is reached first
    };
    /// Once so much is read ahead, librdkafka 2.0 looks but once a second whether there is room
    /// again (its issue 2879): of the log that has to be what a node applies in a second.
    static constexpr Reading kLog{domain::limits::kCommitBytesMax + 4'096, 128U << 20U, 300'000};
    static constexpr Reading kRaw{kRawRecordBytesMax, 32U << 20U, 100'000};

    /// `bell` rings when there are records; it outlives the consumer. Errors: invalid_argument, io.
    [[nodiscard]] static domain::Result<KafkaConsumer> open(const ClusterOptions& options,
                                                            std::uint32_t partition, Bell& bell,
                                                            const Reading& reading = kLog);

    /// The first record at or behind `offset`; nullopt: the topic ends before one. What is fetched
    /// next begins there. Errors: corrupt (the topic no longer reaches back so far, or ends
    /// before); io, retryable.
    [[nodiscard]] domain::Result<std::optional<Fetched>> first_at(std::int64_t offset);
    /// Fetches go on from here. Errors: io.
    [[nodiscard]] domain::Result<void> read_from(std::int64_t offset);
    /// Is this the topic that the replica read before? Reads its last record again and goes on
    /// behind it. Errors: corrupt (cut, deleted from, or another topic); io, retryable.
    [[nodiscard]] domain::Result<void> start(const ReplicaState& state);

    /// The next records, as many as are here already, up to a bound, at which the bell rings: there
    /// may be more. Errors: corrupt, when the topic ends before where this reader stands. A broker
    /// that hung and wakes up takes itself for the leader for some seconds, with the log that it
    /// had; so a first word of it is doubted, and nothing is fetched until the topic is found whole
    /// or `doubt_patience` is over.
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
    using SteadyClock = std::chrono::steady_clock;
    struct Doubt {
        SteadyClock::time_point since, next_look;
    };

    KafkaConsumer(Owned<rd_kafka_t> handle, const ClusterOptions& options, std::uint32_t partition,
                  Bell& bell)
        : handle_(std::move(handle)),
          bell_(&bell),
          topic_(options.topic),
          doubt_patience_(options.doubt_patience),
          partition_(static_cast<std::int32_t>(partition)) {}
    [[nodiscard]] domain::Result<void> assign(std::int64_t offset);
    /// Once.
    [[nodiscard]] rd_kafka_resp_err_t ask(int ask_ms, Held& held) const;
    [[nodiscard]] domain::Result<std::vector<Fetched>> fetch_here();
    /// Whether the topic is what it was. Errors: corrupt, when it is not.
    [[nodiscard]] domain::Result<void> look_again();
    /// Reads the record that was fetched last again; false: no broker gives it now.
    [[nodiscard]] domain::Result<bool> is_last_there();

    Owned<rd_kafka_t> handle_;
    Bell* bell_;
    std::string topic_;
    std::chrono::milliseconds doubt_patience_;
    std::int32_t partition_;
    std::int64_t came_to_end_at_ = 0;
    std::int64_t next_ = 0;        // the offset that is fetched next, or one in a hole before it
    std::optional<Fetched> last_;  // that was fetched
    std::optional<Doubt> doubt_;
};

}  // namespace decklog::store::kafka
