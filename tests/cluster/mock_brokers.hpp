// Brokers inside this process (librdkafka's mock cluster), for faults that real ones cannot be told
// to have: an acknowledgement that comes after the client has given up, an error to one request.
// The mock of 2.0.2 does not know a producer's repeat from a new record, so every acknowledgement
// that is lost leaves its records in the topic twice. Keeps 5 MiB of a partition. Any thread.
#pragma once

#include <string>

#include "store/kafka/settings.hpp"

struct rd_kafka_mock_cluster_s;

namespace decklog::cluster::mock {

class MockBrokers {
  public:
    static constexpr int kCount = 3;  // those that lead; the group of owners has another one

    explicit MockBrokers(int partitions = 1);
    MockBrokers(const MockBrokers&) = delete;
    MockBrokers& operator=(const MockBrokers&) = delete;

    /// Clients that lose patience soon, so that a fault takes a second and not a minute.
    [[nodiscard]] const store::kafka::ClusterOptions& options() const { return options_; }

    /// Brokers are 1 to kCount.
    void lead(int broker);
    [[nodiscard]] int leader() const { return leader_; }
    void take_down(int broker);
    void bring_up(int broker);
    /// The leader appends what its next produce requests bring, and answers too late.
    void lose_acknowledgements(int requests);
    /// Its next produce requests are answered with this error, or (`_TRANSPORT`) with a closed
    /// connection; nothing is appended.
    void refuse(rd_kafka_resp_err_t error, int requests);
    /// The leader answers its next fetch requests as one that is none any more, with a log that
    /// ends before where they read.
    void answer_like_a_stale_leader(int requests);

  private:
    void push(std::int16_t request, rd_kafka_resp_err_t error, int rtt_ms, int requests);

    store::kafka::Owned<rd_kafka_t> handle_;  // the mock cluster belongs to it
    rd_kafka_mock_cluster_s* cluster_ = nullptr;
    store::kafka::ClusterOptions options_;
    const int partitions_;
    int leader_ = 1;  // of all partitions
};

}  // namespace decklog::cluster::mock
