#include "api/server.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/session.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t kSurplusMax =
    64;  // connections over the limit that are told so; more are just closed
constexpr std::string_view kHooksPrefix = "/hooks/";
constexpr std::string_view kLivePath = "/live";

struct Listener {
    tcp::acceptor acceptor;
    const FrontDoor* door;
};

std::vector<const Route*> routes_of(const App& app, bool hooks, bool rest) {
    std::vector<const Route*> chosen;
    for (const Route& route : app.routes()) {
        const bool is_hook = route.path.starts_with(kHooksPrefix);
        if ((is_hook && hooks) || (!is_hook && rest) || route.path == kLivePath)
            chosen.push_back(&route);
    }
    return chosen;
}

tl::unexpected<domain::Error> cannot_listen(const Address& address, const error_code& error) {
    return domain::fail(domain::ErrorCode::io,
                        "cannot listen on " + address.to_text() + ": " + error.message());
}

domain::Result<tcp::acceptor> listen_on(asio::io_context& io, const Address& address) {
    error_code error;
    tcp::resolver resolver(io);
    const auto found =
        resolver.resolve(address.host, std::to_string(address.port),
                         tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) return cannot_listen(address, error);
    const tcp::endpoint endpoint = found.begin()->endpoint();
    tcp::acceptor acceptor(io);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return cannot_listen(address, error);
    return acceptor;
}

Address bound_address(const tcp::acceptor& acceptor) {
    error_code ignored;
    const tcp::endpoint endpoint = acceptor.local_endpoint(ignored);
    return {endpoint.address().to_string(), endpoint.port()};
}

}  // namespace

struct Server::Loop {
    Loop(App& app, const ServerOptions& given)
        : options(given),
          door(Router(routes_of(app, !given.hooks_listen, true)), *app.core().tokens,
               app.core().config->trusted_proxies, *app.core().random, app.core().forwarded),
          hooks_door(Router(routes_of(app, true, false)), *app.core().tokens,
                     app.core().config->trusted_proxies, *app.core().random, app.core().forwarded) {
        site.options = &options;
        site.tokens = app.core().tokens;
        site.metrics = app.core().metrics;
    }

    const ServerOptions options;
    const FrontDoor door;
    const FrontDoor hooks_door;
    SessionSite site;
    std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
    std::vector<Listener> listeners;
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions;
    asio::steady_timer ticker{*io};
    asio::steady_timer draining_timer{*io};
    // Shared with the probes, which may be asked by work that outlives the server.
    std::shared_ptr<std::atomic<bool>> is_draining = std::make_shared<std::atomic<bool>>(false);
    Session::Clock::time_point finish_by = Session::Clock::time_point::max();
    std::vector<Address> addresses;

    domain::Result<void> listen(const Address& address, const FrontDoor& behind) {
        auto acceptor = listen_on(*io, address);
        if (!acceptor) return tl::unexpected(acceptor.error());
        addresses.push_back(bound_address(*acceptor));
        listeners.push_back(Listener{std::move(*acceptor), &behind});
        return {};
    }

    void accept(std::size_t index) {
        listeners[index].acceptor.async_accept([this, index](error_code error, tcp::socket socket) {
            if (error == asio::error::operation_aborted) return;
            if (error) return pause_accepting(index, error);
            welcome(std::move(socket), *listeners[index].door);
            accept(index);
        });
    }

    /// Out of file descriptors: the next turn may have some again, trying at once would spin.
    void pause_accepting(std::size_t index, const error_code& error) {
        store::log_error("http", {}, "cannot accept a connection: {}", error.message());
        auto timer = std::make_shared<asio::steady_timer>(*io, options.tick);
        timer->async_wait([this, index, timer](error_code stopped) {
            if (!stopped) accept(index);
        });
    }

    void welcome(tcp::socket socket, const FrontDoor& behind) {
        if (sessions.size() >= options.connections_max + kSurplusMax) return;
        const bool is_surplus = sessions.size() >= options.connections_max;
        auto session = make_session(io, std::move(socket), site, behind,
                                    [this](Session* closed) { sessions.erase(closed); });
        sessions.emplace(session.get(), session);
        session->start(is_surplus);
    }

    std::vector<std::shared_ptr<Session>> all_sessions() const {
        std::vector<std::shared_ptr<Session>> all;
        all.reserve(sessions.size());
        for (const auto& [key, session] : sessions) all.push_back(session);
        return all;
    }

    void tick() {
        ticker.expires_after(options.tick);
        ticker.async_wait([this](error_code stopped) {
            if (stopped) return;
            const auto now = Session::Clock::now();
            std::size_t pending_bytes = 0;
            for (const auto& session : all_sessions()) {
                session->check(now);
                pending_bytes += session->pending_bytes();
            }
            site.metrics->connections(sessions.size(), site.streams, pending_bytes);
            const bool is_finished = site.is_finishing && (sessions.empty() || now >= finish_by);
            if (is_finished) return io->stop();
            tick();
        });
    }

    void begin_drain() {
        draining_timer.expires_after(options.drain);
        draining_timer.async_wait([this](error_code stopped) {
            if (!stopped) finish();
        });
    }

    void finish() {
        for (Listener& listener : listeners) {
            error_code ignored;
            listener.acceptor.close(ignored);
        }
        site.is_finishing = true;
        finish_by = Session::Clock::now() + options.finish;
        for (const auto& session : all_sessions()) session->finish();
    }

    /// What is still queued holds sessions, and they hold the loop.
    void abandon() {
        for (const auto& session : all_sessions()) session->close();
        listeners.clear();
        ticker.cancel();
        draining_timer.cancel();
        io->restart();
        io->poll();
    }
};

domain::Result<std::unique_ptr<Server>> Server::open(App& app, const ServerOptions& options) {
    auto loop = std::make_unique<Loop>(app, options);
    if (auto listening = loop->listen(options.listen, loop->door); !listening) {
        return tl::unexpected(listening.error());
    }
    if (options.hooks_listen) {
        if (auto listening = loop->listen(*options.hooks_listen, loop->hooks_door); !listening) {
            return tl::unexpected(listening.error());
        }
    }
    app.core().draining = [flag = loop->is_draining] { return flag->load(); };
    return std::unique_ptr<Server>(new Server(std::move(loop)));
}

Server::Server(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Server::~Server() { loop_->abandon(); }

Address Server::address() const { return loop_->addresses.front(); }

std::optional<Address> Server::hooks_address() const {
    return loop_->addresses.size() > 1 ? std::optional(loop_->addresses[1]) : std::nullopt;
}

void Server::run() {
    for (std::size_t i = 0; i < loop_->listeners.size(); ++i) loop_->accept(i);
    loop_->tick();
    loop_->io->run();
}

void Server::drain() {
    if (loop_->is_draining->exchange(true)) return;
    asio::post(*loop_->io, [loop = loop_.get()] { loop->begin_drain(); });
}

void Server::stop() { loop_->io->stop(); }

bool Server::draining() const { return loop_->is_draining->load(); }

}  // namespace decklog::api
