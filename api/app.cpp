#include "api/app.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <typeinfo>
#include <utility>

#include "api/auth/authorise.hpp"
#include "api/auth/token_book.hpp"
#include "api/backup/backup_keeper.hpp"
#include "api/chat_commands/chat_commands.hpp"
#include "api/cluster/cluster_store.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/cluster/forwarding.hpp"
#include "api/config.hpp"
#include "api/erasures/erasures.hpp"
#include "api/fed_lines.hpp"
#include "api/metrics.hpp"
#include "api/rollouts/rollout_reactor.hpp"
#include "api/router.hpp"
#include "api/routes/routes.hpp"
#include "api/target.hpp"
#include "domain/workspace/placement.hpp"
#include "ingest/native_ids.hpp"
#include "projections/engines.hpp"
#include "store/erasure.hpp"
#include "store/fork/fork.hpp"
#include "store/fork/hold.hpp"
#include "store/log.hpp"
#include "store/places/places.hpp"

namespace decklog::api {
namespace {

namespace asio = boost::asio;

/// Questions and writes that may wait for the vault share these.
constexpr std::size_t kBlockingThreads = 8;
/// Jobs last minutes: they have their own, so that writes never wait for them.
constexpr std::size_t kJobThreads = 4;
/// And so have exports, which may wait for slow readers.
constexpr std::size_t kExportThreads = 4;
/// And so has what waits for the owner of the partition, in a cluster.
constexpr std::size_t kForwardThreads = 16;

constexpr std::string_view kEnvironmentAdmin = "env-admin";

std::vector<Route> all_routes(const Core& core) {
    using Family = std::vector<Route> (*)(const Core&);
    constexpr Family kFamilies[] = {
        hook_routes,          probe_routes,   token_routes,         audit_routes,
        event_routes,         query_routes,   live_routes,          view_routes,
        room_routes,          export_routes,  import_routes,        keeping_routes,
        rollout_routes,       flagger_routes, gate_replay_routes,   level_routes,
        observability_routes, openapi_routes, platform_routes,      worker_routes,
        subject_routes,       drill_routes,   personal_read_routes, erased_body_routes};
    std::vector<Route> routes;
    for (const Family family : kFamilies) {
        for (Route& route : family(core)) routes.push_back(std::move(route));
    }
    return routes;
}

void log_exception(const char* type) {
    store::log_error("http", {}, "work ended with an exception: {}", type);
}

/// Exceptions end here as they do on the io thread: the work lets go of its reply, which answers.
std::function<void()> guarded(std::function<void()> work) {
    return [work = std::move(work)] {
        try {
            work();
        } catch (const std::exception& caught) {
            log_exception(typeid(caught).name());
        } catch (...) {
            log_exception("something unnamed");
        }
    };
}

/// Members in the order in which they need each other; they end in the opposite one.
class OpenApp final : public App {
  public:
    OpenApp(const Config& config, store::Directory directory)
        : config_(config), directory_(std::move(directory)) {}
    ~OpenApp() override { stop(); }

    [[nodiscard]] domain::Result<void> open();

    [[nodiscard]] Core& core() override { return core_; }
    [[nodiscard]] const std::vector<Route>& routes() const override { return routes_; }
    void dispatch(Request request, std::optional<Principal> as, Reply reply) override;
    [[nodiscard]] const store::Directory& directory() const override { return directory_; }

  private:
    [[nodiscard]] domain::Result<void> open_store();
    [[nodiscard]] domain::Result<void> open_embedded(const store::LedgerOptions& options);
    [[nodiscard]] domain::Result<void> open_node(const store::LedgerOptions& options);
    [[nodiscard]] domain::Result<void> open_edges();
    void join_cluster();
    void connect();
    void stop();

    const Config& config_;
    store::Directory directory_;
    Metrics metrics_;
    std::unique_ptr<store::Vault> vault_;
    std::unique_ptr<store::Ledger> ledger_;
    std::vector<const store::kafka::Partition*> partitions_;  // the ledger's, in a cluster
    std::unique_ptr<store::Hold> hold_;
    std::unique_ptr<store::Places> places_;
    std::unique_ptr<Backups> backups_;
    std::unique_ptr<projections::Engines> engines_;
    std::unique_ptr<ingest::Inbound> inbound_;
    std::unique_ptr<TokenBook> tokens_;
    Core core_;
    Erasures erasures_{core_};
    std::optional<ChatCommands> chat_;  // somebody is listed who may give commands
    std::unique_ptr<ForwardedRequests> forwarded_;
    std::optional<Peers> peers_;
    std::optional<Forwarding> forwarding_;
    std::unique_ptr<RolloutReactor> rollouts_;  // not where nothing can be written
    std::vector<Route> routes_;
    std::optional<Router> router_;
    asio::thread_pool blocking_{kBlockingThreads};
    asio::thread_pool jobs_{kJobThreads};
    asio::thread_pool exports_{kExportThreads};
    asio::thread_pool forwards_{kForwardThreads};
    std::unique_ptr<BackupKeeper> keeper_;
};

domain::Result<void> OpenApp::open_store() {
    store::LedgerOptions options;
    options.accept_clock = config_.accept_clock;
    options.raw_days = config_.raw_days;
    options.disk_free_bytes_min = config_.disk_free_mib << 20U;
    options.observer = &metrics_;
    if (auto opened = config_.cluster ? open_node(options) : open_embedded(options); !opened)
        return opened;
    const auto ancestors = store::ancestors_of(*ledger_);
    if (!ancestors) return tl::unexpected(ancestors.error());
    if (auto bound = vault_->bind(ledger_->ledger_id(), *ancestors); !bound) return bound;
    auto hold = store::Hold::open(*ledger_);
    if (!hold) return tl::unexpected(hold.error());
    hold_ = std::move(*hold);
    auto places = store::Places::open(*ledger_);
    if (!places) return tl::unexpected(places.error());
    places_ = std::move(*places);
    // Before anything is sealed or opened: a crash, or an older vault, left keys of the erased.
    store::SearchHooks hooks;
    hooks.ids_in = ingest::for_each_id;
    if (const auto gone = store::destroy_erased_keys(*ledger_, *vault_, hooks); !gone)
        return tl::unexpected(gone.error());

    auto engines = projections::Engines::open(directory_.views(), *ledger_);
    if (!engines) return tl::unexpected(engines.error());
    engines_ = std::move(*engines);
    return {};
}

domain::Result<void> OpenApp::open_embedded(const store::LedgerOptions& options) {
    const bool ledger_exists = std::filesystem::exists(directory_.ledger() / "CURRENT");
    auto vault = store::open_rocks_vault(directory_.root(), ledger_exists, &store::system_random());
    if (!vault) return tl::unexpected(vault.error());
    vault_ = std::move(*vault);
    store::LedgerOptions complete = options;
    complete.read_only = vault_->missing();
    auto ledger = store::open_rocks_ledger(directory_.root(), complete);
    if (!ledger) return tl::unexpected(ledger.error());
    ledger_ = std::move(*ledger);
    return {};
}

domain::Result<void> OpenApp::open_node(const store::LedgerOptions& options) {
    auto node = open_cluster_ledger(directory_, *config_.cluster, options);
    if (!node) return tl::unexpected(node.error());
    ledger_ = std::move(node->ledger);
    partitions_ = node->partitions;
    auto vault = open_cluster_vault(directory_, *config_.cluster, *ledger_);
    if (!vault) return tl::unexpected(vault.error());
    vault_ = std::move(*vault);
    return {};
}

/// Every route that writes is carried out by the owner of the partition it writes to.
void OpenApp::join_cluster() {
    if (partitions_.empty()) return;
    const ClusterConfig& cluster = *config_.cluster;
    if (cluster.secret.is_set()) {
        forwarded_ = std::make_unique<ForwardedRequests>(cluster.secret.reveal(), *core_.clock);
        core_.forwarded = forwarded_.get();
    }
    core_.peers = &peers_.emplace(cluster, *core_.clock, *core_.random);
    forwarding_.emplace(
        *peers_, *places_,
        [this](std::uint32_t partition) {
            const store::kafka::PartitionFacts facts = partitions_.at(partition)->facts();
            return Ownership{facts.is_owned, facts.owner_url};
        },
        [this](std::function<void()> work) { asio::post(forwards_, guarded(std::move(work))); });
    core_.at_owner = [this](const std::string& workspace, const Request& request,
                            const Handler& here, const Reply& reply) {
        forwarding_->carry_out(workspace, request, here, reply);
    };
    for (Route& route : routes_) {
        if (route.writes_log) route = forwarding_->at_the_owner(std::move(route));
    }
}

domain::Result<void> OpenApp::open_edges() {
    ingest::Inbound::Options options;
    options.accounts = config_.accounts;
    options.ledger = ledger_.get();
    options.vault = vault_.get();
    options.observer = &metrics_;
    options.partition_of = [places = places_.get()](std::string_view workspace) {
        return places->place(workspace, store::system_clock());
    };
    if (!config_.operators.empty()) options.commands = &chat_.emplace(core_, config_.operators);
    inbound_ = ingest::Inbound::create(std::move(options));

    auto tokens = TokenBook::open(*ledger_, *vault_, store::system_clock());
    if (!tokens) return tl::unexpected(tokens.error());
    tokens_ = std::move(*tokens);
    if (config_.admin_token.is_set()) {
        tokens_->admit(std::string(kEnvironmentAdmin), config_.admin_token.reveal());
    }
    return {};
}

void OpenApp::connect() {
    core_.config = &config_;
    core_.clock = &store::system_clock();
    core_.random = &store::system_random();
    core_.ledger = ledger_.get();
    core_.vault = vault_.get();
    core_.engines = engines_.get();
    core_.engine = &engines_->of(0);
    core_.hold = hold_.get();
    core_.places = places_.get();
    backups_ = std::make_unique<Backups>(*ledger_, *vault_, store::system_clock(),
                                         directory_.root(), config_.backup);
    core_.backups = backups_.get();
    core_.erasures = &erasures_;
    core_.inbound = inbound_.get();
    core_.tokens = tokens_.get();
    core_.metrics = &metrics_;
    core_.partitions = partitions_;
    core_.run_blocking = [this](std::function<void()> work) {
        asio::post(blocking_, guarded(std::move(work)));
    };
    core_.run_job = [this](std::function<void()> work) {
        asio::post(jobs_, guarded(std::move(work)));
    };
    core_.run_export = [this](std::function<void()> work) {
        asio::post(exports_, guarded(std::move(work)));
    };
    core_.draining = [] { return false; };
    erasures_.take_stock({});
    metrics_.watch({ledger_.get(), engines_.get(), inbound_.get(), hold_.get(), backups_.get(),
                    &erasures_, partitions_});
    if (config_.backup) {
        keeper_ = std::make_unique<BackupKeeper>(*backups_);
        keeper_->start();
    }
    routes_ = all_routes(core_);
    join_cluster();
    router_.emplace(routes_);
}

domain::Result<void> OpenApp::open() {
    if (auto opened = open_store(); !opened) return opened;
    if (auto opened = open_edges(); !opened) return opened;
    connect();
    if (!vault_->missing()) rollouts_ = std::make_unique<RolloutReactor>(core_);
    return {};
}

/// Folding ends first, and with it a rebuild, which would hold up the stop for as long as the log
/// is, and so would an erasure; then the work in progress, since it uses everything; then no more
/// commits.
void OpenApp::stop() {
    keeper_.reset();
    if (engines_) engines_->stop();
    erasures_.stop();
    jobs_.join();
    exports_.join();
    forwards_.join();
    blocking_.join();
    if (chat_) chat_->stop();
    rollouts_.reset();
    if (ledger_) ledger_->stop();
}

void OpenApp::dispatch(Request request, std::optional<Principal> as, Reply reply) {
    auto target = parse_target(request.path);
    if (!target) return reply(error_answer(400, "invalid_target", "percent-encode the path"));
    Router::Match match = router_->find(request.method, *target);
    if (match.route == nullptr) {
        return reply(match.allow.empty() ? not_found_answer()
                                         : method_not_allowed_answer(std::move(match.allow)));
    }
    request.path = target->path();
    request.captures = std::move(match.captures);
    for (auto& param : target->query) request.query.push_back(std::move(param));
    if (as) {
        request.principal = std::move(*as);
    } else {
        auto principal =
            authorise(match.route->access, request, *tokens_, match.route->takes_basic);
        if (!principal) return reply(std::move(principal.error()));
        request.principal = std::move(*principal);
    }
    if (match.route->handle_lines && request.content_type == "application/x-ndjson") {
        std::string body = std::exchange(request.body, {});
        feed_lines(match.route->handle_lines(std::move(request)), std::move(body),
                   std::move(reply));
        return;
    }
    match.route->handle(std::move(request), std::move(reply));
}

}  // namespace

domain::Result<std::unique_ptr<App>> App::open(const Config& config,
                                               std::chrono::milliseconds lock_wait) {
    auto directory = store::Directory::open(config.data, lock_wait);
    if (!directory) return tl::unexpected(directory.error());
    auto app = std::make_unique<OpenApp>(config, std::move(*directory));
    if (auto opened = app->open(); !opened) return tl::unexpected(opened.error());
    return app;
}

}  // namespace decklog::api
