// `decklog restore BACKUP --data NEW`: makes a data directory of a backup, in this process.
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "api/restore.hpp"
#include "store/log.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/disk_rule.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

struct RestoreOptions {
    std::string backup, data, vault_file, erasures;
    bool accept_older_vault = false, accept_clock = false, node = false, json = false;
};

store::RestoreWish wish_of(const RestoreOptions& options) {
    store::RestoreWish wish;
    wish.backup = options.backup;
    wish.data = options.data;
    if (!options.vault_file.empty()) wish.vault_file = options.vault_file;
    if (!options.erasures.empty()) wish.erasures = options.erasures;
    wish.accept_older_vault = options.accept_older_vault;
    wish.accept_clock = options.accept_clock;
    wish.as_node = options.node;
    wish.actor = {"admin", "files"};
    wish.recorded_by = "token:files";
    return wish;
}

/// One bar a stage.
class Stages {
  public:
    bool show(store::RestoreStage stage, std::uint64_t done, std::uint64_t total) {
        if (!bar_ || stage != stage_) {
            bar_.reset();
            bar_ = std::make_unique<Progress>("restore: " + std::string(store::to_text(stage)));
            stage_ = stage;
        }
        bar_->show(done, total);
        return true;
    }

  private:
    store::RestoreStage stage_ = store::RestoreStage::copy;
    std::unique_ptr<Progress> bar_;
};

std::string vault_text(const store::RestoreReport& report) {
    if (!report.vault) return "not given: the ledger opens read-only";
    std::string text = grouped(report.vault->rows) + " rows";
    if (report.vault_is_older) text += ", older than the backup: later keys are missing";
    return text;
}

void line(const char* name, const std::string& text) {
    std::printf("%-16s %s\n", name, text.c_str());
}

void print_node(const store::RestoreReport& report) {
    line("node of", domain::to_hex(report.ledger.bytes));
    line("files", grouped(report.manifest.files.size()));
    line("bytes", grouped(report.manifest.bytes()));
    line("events", grouped(report.events));
    for (const store::ManifestPartition& partition : report.manifest.partitions)
        line("chain", domain::to_hex(partition.head.chain));
    std::printf(
        "ok\n\nStart it with the topic and the keys of its cluster: it reads on from there.\n");
}

/// A ledger of one partition has one chain; of several, each has its own, and its own fork.
void add_chains(json::object& object, const store::RestoreReport& report) {
    const auto& partitions = report.manifest.partitions;
    if (partitions.size() == 1) {
        object["chain"] = domain::to_hex(partitions.front().head.chain);
        return;
    }
    json::array list;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        json::object one{{"partition", partitions[i].partition},
                         {"events", partitions[i].head.next_ordinal},
                         {"chain", domain::to_hex(partitions[i].head.chain)}};
        if (i < report.forked_at.size())
            one["forkedAt"] = domain::to_cursor(report.ledger, report.forked_at[i]);
        list.push_back(std::move(one));
    }
    object["partitions"] = std::move(list);
}

json::object json_of_node(const store::RestoreReport& report) {
    json::object object{{"ok", true},
                        {"ledgerId", domain::to_hex(report.ledger.bytes)},
                        {"files", report.manifest.files.size()},
                        {"bytes", report.manifest.bytes()},
                        {"events", report.events}};
    add_chains(object, report);
    return object;
}

void print(const api::Restored& restored) {
    const store::RestoreReport& report = restored.report;
    line("backup of", domain::to_hex(report.manifest.ledger.bytes));
    line("files", grouped(report.manifest.files.size()));
    line("bytes", grouped(report.manifest.bytes()));
    line("frames", grouped(report.verified.frames));
    line("events", grouped(report.verified.events));
    line("raw bodies", grouped(report.verified.raw_bodies));
    for (const store::Head& head : report.verified.heads) line("chain", domain::to_hex(head.chain));
    line("vault", vault_text(report));
    line("erasures", grouped(report.erasures.listed) + " listed, " +
                         grouped(report.erasures.applied) + " applied, " +
                         grouped(report.erasures.known) + " in the log already, " +
                         grouped(report.erasures.unheard) + " of nobody here");
    for (const domain::Position at : report.forked_at)
        line("forked as", domain::to_cursor(report.ledger, at));
    for (const auto& view : restored.views)
        line("view", view.instance + ", " + grouped(view.next_ordinal) + " events");
    for (const std::string& why : report.unlisted) line("not listed", printable(why));
    if (!report.unlisted.empty()) {
        std::printf(
            "The list of a place that is `not listed` cannot be written: until it can, whoever is\n"
            "erased here comes back by the backups there, and `decklog erase` answers\n"
            "erasure_unfinished. If the place is gone for good, delete its line from the file\n"
            "`backups` of the new directory.\n");
    }
    std::printf("ok\n\nThe ledger is held: nothing is sent until `decklog adopt`.\n");
    if (!report.vault) {
        std::printf(
            "It opens read-only. Nothing can be added to it, so nothing is lost by restoring the\n"
            "same backup again, to another directory, with --vault FILE.\n");
    }
}

json::object json_of(const api::Restored& restored) {
    const store::RestoreReport& report = restored.report;
    json::array views, unlisted;
    for (const std::string& why : report.unlisted) unlisted.emplace_back(why);
    for (const auto& view : restored.views)
        views.push_back(json::object{{"instance", view.instance}, {"events", view.next_ordinal}});
    json::object object{{"ok", true},
                        {"fromLedgerId", domain::to_hex(report.manifest.ledger.bytes)},
                        {"ledgerId", domain::to_hex(report.ledger.bytes)},
                        {"files", report.manifest.files.size()},
                        {"bytes", report.manifest.bytes()},
                        {"frames", report.verified.frames},
                        {"events", report.verified.events},
                        {"rawBodies", report.verified.raw_bodies}};
    add_chains(object, report);
    object["vaultRows"] = report.vault ? json::value(report.vault->rows) : nullptr;
    object["vaultIsOlder"] = report.vault_is_older;
    object["erasures"] = {{"listed", report.erasures.listed},
                          {"applied", report.erasures.applied},
                          {"known", report.erasures.known},
                          {"unheard", report.erasures.unheard}};
    object["unlisted"] = std::move(unlisted);
    object["forkedAt"] = domain::to_cursor(report.ledger, report.forked_at.front());
    object["views"] = std::move(views);
    object["held"] = true;
    return object;
}

void tell_failure(Session& session, int code, const std::vector<std::string>& problems) {
    json::array list;
    for (const std::string& problem : problems) list.emplace_back(problem);
    for (const std::string& problem : problems)
        session.fail(code, "restore: " + printable(problem), {{"problems", list}});
}

void run_restore(Session& session, const RestoreOptions& options) {
    session.json = options.json;
    store::configure_logging("error", nullptr);
    const auto disk_free = disk_free_bytes_min();
    if (!disk_free) return tell_failure(session, kConfig, {disk_free.error().context});
    store::RestoreWish wish = wish_of(options);
    wish.disk_free_bytes_min = *disk_free;
    Stages stages;
    const auto restored = api::restore(
        std::move(wish),
        [&stages](auto stage, auto done, auto total) { return stages.show(stage, done, total); });
    stages = {};
    if (!restored) {
        // A wish that cannot be met is refused (1), not a fault of the configuration.
        const int code =
            restored.error().code == domain::ErrorCode::other_format ? kConfig : kFailed;
        return tell_failure(session, code, {restored.error().context});
    }
    if (!restored->report.problems.empty())
        return tell_failure(session, kFailed, restored->report.problems);
    if (options.json) {
        const auto object = options.node ? json_of_node(restored->report) : json_of(*restored);
        std::printf("%s\n", json::serialize(object).c_str());
    } else if (options.node) {
        print_node(restored->report);
    } else {
        print(*restored);
    }
}

}  // namespace

void add_restore(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand(
        "restore", "make a new data directory of a backup: check, copy, verify, fork, fold");
    auto options = std::make_shared<RestoreOptions>();
    command->add_option("backup", options->backup, "the backup's directory")->required();
    command->add_option("--data", options->data, "the new data directory: absent or empty")
        ->required();
    command->add_option("--vault", options->vault_file,
                        "the vault's copy; without it the ledger opens read-only");
    command->add_option("--erasures", options->erasures,
                        "the list of the erased; default: `erasures` beside the backup");
    command->add_flag("--accept-older-vault", options->accept_older_vault,
                      "take a vault's copy that was made before the backup");
    command->add_flag("--accept-clock", options->accept_clock,
                      "the clock is right although the backup's newest event is ahead of it");
    command->add_flag("--node", options->node,
                      "of a node's backup: a node, which reads on from its topic");
    command->add_flag("--json", options->json, "one JSON object");
    command->callback([&session, options] { run_restore(session, *options); });
}

}  // namespace decklog::cli
