// Composition root: opens directory, vault, ledger and views, builds the routes. `serve` puts a
// server in front of it; the command line, when no server answers, dispatches into it directly.
// Everything a route needs is handed to it as Core.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/answer_clock.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"
#include "ingest/inbound.hpp"
#include "projections/engine.hpp"
#include "store/clock.hpp"
#include "store/directory/directory.hpp"
#include "store/ledger.hpp"
#include "store/rocks_ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::projections {
class Engines;
}
namespace decklog::store {
class Hold;    // store/fork
class Places;  // store/places
}  // namespace decklog::store
namespace decklog::store::kafka {
class Partition;
}

namespace decklog::api {

class Backups;            // api/backup
class Erasures;           // api/erasures
class TokenBook;          // api/auth: tokens folded from the log
class Metrics;            // api/metrics
class ForwardedRequests;  // api/cluster
class Peers;              // api/cluster
struct Config;            // api/config

/// What the routes share. All members outlive every route and request.
struct Core {
    const Config* config = nullptr;
    store::Clock* clock = nullptr;
    store::Random* random = nullptr;
    store::Ledger* ledger = nullptr;
    store::Vault* vault = nullptr;
    projections::Engines* engines = nullptr;  // of all partitions
    projections::Engine* engine = nullptr;    // partition 0's: accounts, policies, rollouts
    store::Hold* hold = nullptr;
    store::Places* places = nullptr;
    Backups* backups = nullptr;
    Erasures* erasures = nullptr;
    ingest::Inbound* inbound = nullptr;
    TokenBook* tokens = nullptr;
    Metrics* metrics = nullptr;
    ForwardedRequests* forwarded = nullptr;  // of a cluster whose nodes share a secret; else null
    const Peers* peers = nullptr;            // of a cluster; else null
    /// Of a cluster, by number; else empty.
    std::vector<const store::kafka::Partition*> partitions{};
    /// Runs blocking work (questions, writes) off the io thread.
    std::function<void(std::function<void()>)> run_blocking;
    /// Runs work that lasts minutes (verify, rebuild, erasures, backups), apart from the rest.
    std::function<void(std::function<void()>)> run_job;
    /// Runs work that goes at the pace of its reader (exports), apart from the rest: those who read
    /// slowly keep nobody from an erasure.
    std::function<void(std::function<void()>)> run_export;
    /// One of this server's own orders, carried out where the partition of `workspace` is written:
    /// by `here`, or by the route of that name at the owner. Blocks. Empty but in a cluster.
    std::function<void(const std::string& workspace, const Request&, const Handler& here,
                       const Reply&)>
        at_owner{};
    /// True from SIGTERM on.
    std::function<bool()> draining;
    /// The time of answers; shared by the copies of this Core.
    std::shared_ptr<AnswerClock> answer_clock = std::make_shared<AnswerClock>();
};

class App {
  public:
    /// Exit codes of failures: 78 for configuration and format, 1 for a lock or a damaged file; the
    /// error says which.
    [[nodiscard]] static domain::Result<std::unique_ptr<App>> open(
        const Config& config, std::chrono::milliseconds lock_wait);
    virtual ~App() = default;
    [[nodiscard]] virtual Core& core() = 0;
    [[nodiscard]] virtual const std::vector<Route>& routes() const = 0;
    /// Routes, authorises (unless `as` is given: the command line's own admin) and handles one
    /// request.
    virtual void dispatch(Request request, std::optional<Principal> as, Reply reply) = 0;
    [[nodiscard]] virtual const store::Directory& directory() const = 0;
};

}  // namespace decklog::api
