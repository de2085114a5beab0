// The numbers at /metrics: one prometheus-cpp registry, filled by the store's writer, the inbound
// edge, the HTTP server and the routes; gauges are read from their owners when somebody asks.
// Labels hold words from fixed lists and route templates only, never an id, so that the number of
// series is bounded and no person is in them. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ingest/inbound.hpp"
#include "projections/engines.hpp"
#include "store/ledger.hpp"

namespace decklog::store {
class Hold;
}

namespace decklog::store::kafka {
class Partition;
}

namespace decklog::api {

class Backups;
class Erasures;

/// For store::configure_logging: counts in the process, since lines are written before there is a
/// registry.
void count_log_line(std::string_view level);

class Metrics final : public store::Observer, public ingest::InboundObserver {
  public:
    Metrics();
    ~Metrics() override;
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// Gauges read these when rendered; null until open, and outlived by nothing that renders.
    struct Sources {
        const store::Ledger* ledger = nullptr;
        const projections::Engines* engines = nullptr;
        const ingest::Inbound* inbound = nullptr;
        const store::Hold* hold = nullptr;
        const Backups* backups = nullptr;
        const Erasures* erasures = nullptr;
        std::vector<const store::kafka::Partition*> partitions{};  // of a cluster
    };
    void watch(Sources sources);

    /// Prometheus text format.
    [[nodiscard]] std::string text();

    // HTTP. `route` is the template; `unmatched` when no route took the request.
    void http_answered(std::string_view route, int status, double seconds);
    /// Any refusal with its code (`queue_full`, `body_too_large`, …), whoever refused.
    void refused(std::string_view code);
    /// `pending_bytes`: of live streams, waiting for their sockets.
    void connections(std::size_t open, std::size_t streams, std::size_t pending_bytes);
    /// The server ended a live stream: `token`, `stalled`, `stopped` or `failed` (the log could not
    /// be read).
    void stream_ended(std::string_view reason);

    /// An audit action that a service sent: which of the three it is audited by were missing
    /// (counted as `unknown`).
    void audit_action(bool has_platform, bool has_agent, bool has_conversation);

    /// A person was forgotten, with so many keys and raw bodies.
    void subject_erased(std::uint32_t keys, std::uint32_t raw_bodies);

    // store::Observer, on the writer thread
    void committed(std::size_t frames, std::size_t events, std::size_t bytes) override;
    void append_seconds(double seconds) override;
    void fsync_seconds(double seconds) override;
    void answered(std::string_view command, std::string_view outcome) override;
    // ingest::InboundObserver
    void webhook(ingest::Platform platform, std::string_view outcome, std::uint64_t count) override;

  private:
    struct Families;
    std::unique_ptr<Families> families_;
};

}  // namespace decklog::api
