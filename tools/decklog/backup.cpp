// `decklog backup DIR [--vault FILE]`: the server that has the data open makes it, on its own
// disks.
#include <boost/json.hpp>
#include <filesystem>

#include "tools/decklog/long_work.hpp"

namespace decklog::cli {
namespace {

struct BackupOptions {
    std::string dir, vault_file;
};

void run_backup(Session& session, const BackupOptions& options) {
    // The server may stand in another directory than whoever asks it.
    boost::json::object body{{"dir", std::filesystem::absolute(options.dir).string()}};
    if (!options.vault_file.empty())
        body["vaultFile"] = std::filesystem::absolute(options.vault_file).string();
    const auto backend = session.backend();
    if (!backend) return;
    run_long_work(
        session, *backend,
        {.method = "POST", .path = "/api/admin/backup", .body = boost::json::serialize(body)},
        "backup");
}

}  // namespace

void add_backup(CLI::App& app, Session& session) {
    auto* command =
        app.add_subcommand("backup", "copy the ledger to a new directory, beside its writer");
    add_where(*command, session);
    auto options = std::make_shared<BackupOptions>();
    command->add_option("dir", options->dir, "absent or empty; on the server's machine")
        ->required();
    command->add_option("--vault", options->vault_file,
                        "also copy the vault, to this file outside of the backup");
    command->callback([&session, options] { run_backup(session, *options); });
}

}  // namespace decklog::cli
