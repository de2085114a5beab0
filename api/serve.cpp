#include "api/serve.hpp"

#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <stop_token>
#include <thread>
#include <utility>

#include "api/answers.hpp"
#include "api/app.hpp"
#include "api/auth/token_book.hpp"
#include "api/auth/token_text.hpp"
#include "api/first_admin.hpp"
#include "api/housekeeping.hpp"
#include "api/metrics.hpp"
#include "api/server.hpp"
#include "api/version.hpp"
#include "store/kafka/partition.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitConfiguration = 78;
constexpr std::string_view kServerPrincipal = "server";
constexpr const char* kServerFile = "server.json";
constexpr long kSignalPollNanos = 200'000'000;
constexpr int kLargeBytes = 1 << 20;  // docs/performance.md, "Memory"

void say(const std::string& line) { store::log_info("serve", {}, "{}", line); }

/// A start that fails says one line on stderr, whatever the log level is.
int fail_start(const domain::Error& error) {
    std::fprintf(stderr, "decklog: %s\n", error.context.c_str());
    return exit_code_of(error);
}

/// What is large has pages of its own and gives them back. By itself glibc takes ever larger pieces
/// from the heaps of its threads, of which there are eight a core, and keeps them there.
void bound_heaps() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, kLargeBytes);
    mallopt(M_TRIM_THRESHOLD, kLargeBytes);
#endif
}

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

/// Waits for the signals on a thread of its own: the first drains, the second stops.
void wait_for_signals(const std::stop_token& stop, Server& server) {
    const sigset_t signals = stop_signals();
    const timespec poll{0, kSignalPollNanos};
    while (!stop.stop_requested()) {
        if (sigtimedwait(&signals, nullptr, &poll) < 0) continue;
        if (server.draining()) {
            say("second signal: stopping now");
            server.stop();
        } else {
            say("signal: draining");
            server.drain();
        }
    }
}

/// Where the command line on this machine reaches a server that listens everywhere.
std::string local_url(Address address) {
    if (address.host == "0.0.0.0") address.host = "127.0.0.1";
    if (address.host == "::") address.host = "::1";
    return "http://" + address.to_text();
}

/// The command line's own way in: an admin token that lives as long as this process.
domain::Result<void> leave_server_file(App& app, const Server& server) {
    const NewToken token = make_token(*app.core().random);
    app.core().tokens->admit(std::string(kServerPrincipal), token.text);
    const boost::json::object file{
        {"url", local_url(server.address())}, {"pid", getpid()}, {"token", token.text}};
    return app.directory().write_private(kServerFile, boost::json::serialize(file) + "\n");
}

void tell_start(App& app, const Config& config, const Server& server) {
    std::string line = "decklog " + std::string(version()) + " listens on http://" +
                       server.address().to_text() + ", data in " + app.directory().root().string();
    const auto admin_file = app.directory().root() / kAdminTokenFile;
    if (std::filesystem::exists(admin_file)) line += ", admin token in " + admin_file.string();
    say(line);
    if (const auto hooks = server.hooks_address()) say("webhooks on http://" + hooks->to_text());
    for (const ingest::OffEndpoint& off : app.core().inbound->off_endpoints()) {
        say("webhooks of " + std::string(ingest::to_text(off.platform)) + " are off: set " +
            off.variable);
    }
    std::string foreign;
    for (const std::string& name : config.foreign_variables) {
        foreign.append(foreign.empty() ? "" : ", ").append(name);
    }
    if (!foreign.empty()) say("set in the environment, but not used by decklog: " + foreign);
}

/// To a person at a terminal only: what goes to a pipe ends in a log.
void show_first_admin(const std::optional<std::string>& token) {
    if (token && isatty(STDERR_FILENO) != 0) {
        std::fprintf(stderr, "admin token (shown once): %s\n", token->c_str());
    }
}

ServerOptions options_of(const Config& config) {
    ServerOptions options;
    options.listen = config.listen;
    options.hooks_listen = config.hooks_listen;
    options.drain = config.drain;
    return options;
}

/// Of a cluster, and another node writes partition 0 now.
bool follows(const Core& core) {
    return !core.partitions.empty() && !core.partitions.front()->facts().is_owned;
}

int serve(App& app, const Config& config) {
    auto server = Server::open(app, options_of(config));
    if (!server) return fail_start(server.error());
    auto first_admin = ensure_first_admin(app);
    if (!first_admin) return fail_start(first_admin.error());
    if (auto left = leave_server_file(app, **server); !left) return fail_start(left.error());
    tell_start(app, config, **server);
    const Housekeeping housekeeping(app.core(), [&core = app.core()] { return follows(core); });
    show_first_admin(*first_admin);
    {
        std::jthread signals(
            [&server](const std::stop_token& stop) { wait_for_signals(stop, **server); });
        (*server)->run();
    }
    std::error_code ignored;
    std::filesystem::remove(app.directory().root() / kServerFile, ignored);
    say("stopped");
    return 0;
}

}  // namespace

int exit_code_of(const domain::Error& error) {
    using domain::ErrorCode;
    const bool is_configuration =
        error.code == ErrorCode::invalid_argument || error.code == ErrorCode::other_format;
    return is_configuration ? kExitConfiguration : kExitFailed;
}

int run_serve(const Flags& flags, std::chrono::milliseconds lock_wait) {
    bound_heaps();
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    const auto config = load_config(flags, process_environment());
    if (!config) return fail_start(config.error());
    store::configure_logging(config->log_level, count_log_line);
    auto app = App::open(*config, lock_wait);
    if (!app) return fail_start(app.error());
    return serve(**app, *config);
}

}  // namespace decklog::api
