// The owner's way of records to the topic: one librdkafka producer at a time, idempotent, acks from
// all replicas in sync. A producer that is thrown away is ended on a thread of its own, since that
// may take as long as a broker is silent. The partition thread's.
#pragma once

#include <deque>
#include <future>
#include <memory>
#include <vector>

#include "store/kafka/bell.hpp"
#include "store/kafka/owner.hpp"
#include "store/kafka/settings.hpp"

namespace decklog::store::kafka {

class KafkaProducer final : public Producer {
  public:
    /// `bell` rings when there are reports; it outlives the producer.
    KafkaProducer(ClusterOptions options, std::uint32_t partition, Bell& bell);
    ~KafkaProducer() override;
    KafkaProducer(const KafkaProducer&) = delete;
    KafkaProducer& operator=(const KafkaProducer&) = delete;

    void restart(std::uint64_t generation) override;
    /// Held back until `send_held`: librdkafka's thread sends what it finds at once, so what is
    /// decided in one turn would go to the broker in pieces.
    void send(std::uint64_t tag, domain::Bytes record) override;
    void send_held();
    /// A record with a key; an empty one erases what stood under the key. An empty key: none.
    void send(std::uint64_t tag, std::span<const std::uint8_t> key,
              std::span<const std::uint8_t> record);

    void send_raw(const domain::RawRef& ref, std::shared_ptr<const RawBody> body) override;

    /// Raw bodies that have not landed yet.
    [[nodiscard]] std::uint64_t raw_under_way() const { return raw_sent_ - raw_landed_; }

    struct Report {
        std::uint64_t generation = 0;
        std::uint64_t tag = 0;
        bool landed = false;
    };
    /// What has come since the last call; sends what is held.
    [[nodiscard]] std::vector<Report> take_reports();

  private:
    /// Waits for the raw bodies that were sent before it.
    struct Held {
        std::uint64_t tag = 0;
        std::uint64_t raw_before = 0;
        domain::Bytes record;
    };

    void throw_away();
    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self);

    const ClusterOptions options_;
    const std::uint32_t partition_;
    Bell& bell_;
    std::uint64_t generation_ = 0;
    Owned<rd_kafka_t> handle_;
    Owned<rd_kafka_topic_t> topic_;      // of the handle
    Owned<rd_kafka_topic_t> raw_topic_;  // of the handle; once there is a body
    std::uint64_t raw_sent_ = 0;
    std::uint64_t raw_landed_ = 0;  // in the order of their sending
    std::deque<Held> held_;
    std::vector<Report> reports_;
    std::vector<std::future<void>> ending_;
};

}  // namespace decklog::store::kafka
