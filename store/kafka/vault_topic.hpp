// The vault of a cluster: its truth is the compacted topic `<topic>.vault`, sealed with
// DECKLOG_VAULT_KEY; this node's copy of it is `vault/`. What is written here goes to the topic and
// is done when this node has read it back and has it durably in its copy; several callers share the
// way there and the fsync. What other nodes write comes in the same way.
#pragma once

#include <atomic>
#include <deque>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "store/clock.hpp"
#include "store/kafka/kafka_consumer.hpp"
#include "store/kafka/kafka_producer.hpp"
#include "store/kafka/vault_replica.hpp"

namespace decklog::store::kafka {

class VaultTopic final : public VaultRows {
  public:
    /// Makes or checks the topic, finds it again, reads it to its end. `random` and `clock` outlive
    /// the rows. Errors: invalid_argument (a weak topic, each setting by name; another vault key
    /// than the topic's; a copy that is no topic's), corrupt (another topic, cut, or damaged),
    /// other_format, io (retryable: the brokers are away).
    [[nodiscard]] static domain::Result<std::unique_ptr<VaultTopic>> open(
        std::unique_ptr<VaultRows> local, const ClusterOptions& cluster, const SecretKey& vault_key,
        Random& random, Clock& clock);
    ~VaultTopic() override;
    VaultTopic(const VaultTopic&) = delete;
    VaultTopic& operator=(const VaultTopic&) = delete;

    [[nodiscard]] domain::Result<std::optional<std::string>> get(
        std::string_view key) const override {
        return local_->get(key);
    }
    /// All or none unless it fails, and waits for the brokers up to limits::kVaultPatience. Errors:
    /// io, retryable: what became of it is unknown, and if it landed it stands.
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow> rows,
                                             std::span<const std::string> erased) override;
    [[nodiscard]] domain::Result<void> catch_up() override;
    void on_change(VaultRowsListener listener) override;
    [[nodiscard]] bool failed() const override { return stopped_ || local_->failed(); }
    /// Rows of this node's own are not among them.
    [[nodiscard]] domain::Result<void> read_all(const VaultRowSink& sink) const override;
    /// This node's files. What the topic holds of erased rows goes with its compaction.
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return local_->purge(cancelled);
    }

  private:
    using SteadyClock = std::chrono::steady_clock;
    struct Record {
        domain::Bytes key, value;  // an empty value erases
    };
    struct Call {
        std::vector<Record> records;
        std::promise<domain::Result<void>> done{};
        SteadyClock::time_point since{};
        std::set<domain::Bytes16> unread{};  // hashes of its records that have not come back yet
        std::uint64_t end_tag = 0;           // of its records; 0: not sent
        std::size_t unreported = 0;
        std::int64_t reach = 0;  // answered when everything before this offset has been read
    };

    VaultTopic(std::unique_ptr<VaultRows> local, ClusterOptions topic, const SecretKey& vault_key,
               Random& random, Clock& clock);
    [[nodiscard]] domain::Result<void> start();
    [[nodiscard]] domain::Result<void> find_topic(std::int64_t end);
    [[nodiscard]] domain::Result<void> read_to(std::int64_t end);
    [[nodiscard]] bool has_read_to(std::int64_t end) const;
    [[nodiscard]] domain::Result<void> erasing(std::span<const std::string> row_keys,
                                               std::vector<Record>& records) const;
    [[nodiscard]] domain::Result<void> wait_for(std::vector<Record> records,
                                                std::int64_t reach = 0);

    // The thread's.
    void run();
    void turn();
    [[nodiscard]] domain::Result<std::size_t> apply();
    void hear_reports();
    void send_calls();
    void answer_calls();
    void note_seen();
    void stop_for_good(domain::Error why);
    void fail_sent(const std::string& why);
    void fail_all();

    const std::unique_ptr<VaultRows> local_;
    const ClusterOptions topic_;  // its topic is the vault's
    const VaultSeal seal_;
    Random& random_;
    Clock& clock_;
    Bell bell_;
    std::optional<VaultReplica> replica_;
    std::optional<KafkaConsumer> consumer_;
    KafkaProducer producer_;
    std::uint64_t generation_ = 1;
    std::uint64_t next_tag_ = 1;
    std::deque<Call> sent_;
    SteadyClock::time_point seen_noted_{};
    std::mutex mutex_;
    std::deque<Call> queued_;              // guarded by mutex_
    std::optional<domain::Error> closed_;  // guarded by mutex_: no call is taken any more
    std::mutex listener_mutex_;
    VaultRowsListener listener_;  // guarded by listener_mutex_
    std::atomic<bool> stopped_{false};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace decklog::store::kafka
