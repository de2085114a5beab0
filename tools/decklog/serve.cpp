// `decklog serve`.
#include "api/serve.hpp"
#include "api/config.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/limits.hpp"

namespace decklog::cli {

void add_serve(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand("serve", "run the service");
    auto flags = std::make_shared<api::Flags>();
    command->add_option("--data", flags->data, "data directory (decklog-data)");
    command->add_option("--listen", flags->listen, "HOST:PORT (127.0.0.1:8080)");
    command->add_option("--hooks-listen", flags->hooks_listen,
                        "HOST:PORT for /hooks/* and /live alone");
    command->add_option("--config", flags->config, "TOML file");
    command->add_option("--kafka-brokers", flags->kafka_brokers,
                        "HOST:PORT[,...]: the log is a topic of this cluster");
    command->add_flag("--kafka-allow-weak", flags->kafka_allow_weak,
                      "take a topic that may lose what was acknowledged");
    command->add_flag("--accept-clock", flags->accept_clock,
                      "take events although the clock stepped");
    command->callback([&session, flags] {
        session.exit_code = api::run_serve(*flags, std::chrono::seconds(kLockWaitSeconds));
    });
}

}  // namespace decklog::cli
