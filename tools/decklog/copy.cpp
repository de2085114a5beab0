// `decklog copy`: moves a ledger, in this process.
#include "api/copy.hpp"

#include <boost/json.hpp>
#include <cstdio>

#include "store/log.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

struct CopyOptions {
    api::Flags flags;
    api::CopyWish wish;
    bool to_topic = false, take_back = false, json = false;
};

void print(const api::Copied& copied, bool to_topic) {
    if (copied.was_whole) {
        std::printf("nothing new: all %s events are there already, as ledger %s\n",
                    grouped(copied.events).c_str(), domain::to_hex(copied.ledger.bytes).c_str());
        return;
    }
    std::printf("events           %s\n", grouped(copied.events).c_str());
    if (copied.present > 0) std::printf("there already    %s\n", grouped(copied.present).c_str());
    std::printf("from             %s\n", domain::to_hex(copied.from.bytes).c_str());
    std::printf("ledger           %s\n", domain::to_hex(copied.ledger.bytes).c_str());
    std::printf("vault            %s\n", copied.vault_rows
                                             ? (grouped(*copied.vault_rows) + " rows").c_str()
                                             : "stayed behind: nothing can be added without it");
    std::printf("The source takes nothing any more. %s, then `decklog adopt`.\n",
                to_topic ? "Start the nodes" : "Start the server on the new directory");
}

json::object json_of(const api::Copied& copied) {
    return {{"ok", true},
            {"events", copied.events},
            {"alreadyThere", copied.present},
            {"fromLedgerId", domain::to_hex(copied.from.bytes)},
            {"ledgerId", domain::to_hex(copied.ledger.bytes)},
            {"vaultRows", copied.vault_rows ? json::value(*copied.vault_rows) : nullptr},
            {"held", true}};
}

void fail(Session& session, const domain::Error& error, int code) {
    if (error.code == domain::ErrorCode::io && error.retryable) code = kUnreachable;
    session.fail(code, "copy: " + printable(error.context));
}

void run_take_back(Session& session, const api::Config& config) {
    const auto ledger = api::take_back(config);
    if (!ledger) return fail(session, ledger.error(), kFailed);
    const std::string id = domain::to_hex(ledger->bytes);
    if (session.json) {
        std::printf("%s\n", json::serialize(json::object{{"ok", true}, {"ledgerId", id}}).c_str());
    } else {
        std::printf("ledger           %s\nIt goes on here, held until `decklog adopt`.\n",
                    id.c_str());
    }
}

void run_copy(Session& session, const CopyOptions& options) {
    session.json = options.json;
    store::configure_logging("error", nullptr);
    const auto config = api::load_config(options.flags, api::process_environment());
    if (!config) return fail(session, config.error(), kConfig);
    if (options.take_back) return run_take_back(session, *config);
    if (options.to_topic == options.wish.to.has_value())
        return session.fail(kUsage, "copy: give --to-topic or --to DIR");
    std::optional<Progress> bar(std::in_place, "copy");
    const auto copied =
        api::copy(*config, options.wish, [&bar](auto done, auto total) { bar->show(done, total); });
    bar.reset();
    if (!copied) return fail(session, copied.error(), kFailed);
    if (options.json) {
        std::printf("%s\n", json::serialize(json_of(*copied)).c_str());
    } else {
        print(*copied, options.to_topic);
    }
}

}  // namespace

void add_copy(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand(
        "copy", "move a ledger into a topic, or into a data directory of its own");
    auto options = std::make_shared<CopyOptions>();
    command->add_option("--data", options->flags.data,
                        "the ledger to move: a data directory no server runs on");
    auto* topic = command->add_flag("--to-topic", options->to_topic,
                                    "into the topic of the configuration, which is empty");
    auto* directory = command->add_option("--to", options->wish.to,
                                          "into this new data directory; with a topic configured, "
                                          "out of it");
    auto* back = command->add_flag("--take-back", options->take_back,
                                   "a ledger that was moved goes on here after all");
    topic->excludes(directory)->excludes(back);
    directory->excludes(back);
    command->add_flag("--vault", options->wish.with_vault, "the keys come along");
    command->add_option("--config", options->flags.config, "TOML file");
    command->add_option("--kafka-brokers", options->flags.kafka_brokers,
                        "HOST:PORT[,...]: the brokers of the topic");
    command->add_flag("--kafka-allow-weak", options->flags.kafka_allow_weak,
                      "take a topic that may lose what was acknowledged");
    command->add_flag("--json", options->json, "one JSON object");
    command->callback([&session, options] { run_copy(session, *options); });
}

}  // namespace decklog::cli
