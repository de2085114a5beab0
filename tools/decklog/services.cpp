// `decklog accounts [on|off ID]` and `decklog workers`: what services may do on their platforms,
// the kill switch of an account, and what workers last said of themselves.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/items.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

std::string problem_of_account(const std::string& text) {
    const bool plain = !text.empty() && text.find_first_not_of(
                                            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
                                            "STUVWXYZ_.:-") == std::string::npos;
    return plain ? std::string() : std::string("not an account id; see `decklog accounts`");
}

void run_accounts(Session& session) {
    const auto backend = session.backend();
    if (!backend) return;
    Table table({"ID", "PLATFORM", "NAME", "STATE", "SENDS", "UPDATED (UTC)"});
    const bool asked = for_each_row(
        session, *backend,
        {.method = "GET", .path = "/api/admin/platform-accounts", .view = "platforms"},
        [&](const boost::json::object& account) {
            table.add({text_of(account, "id"), text_of(account, "platform"),
                       printable(text_of(account, "accountName")),
                       text_of(account, "isActive") == "true" ? "on" : "off",
                       text_of(account, "sendMode"), text_of(account, "updatedAt").substr(0, 19)});
        });
    if (asked && !session.json) table.print();
}

void run_switch(Session& session, const std::string& id, bool is_active) {
    const auto backend = session.backend();
    if (!backend) return;
    const auto answer = session.ask_for_object(
        *backend, {.method = "PUT",
                   .path = "/api/admin/platform-policies/" + id,
                   .body = boost::json::serialize(boost::json::object{{"isActive", is_active}})});
    if (!answer) return;
    const bool changed = text_of(*answer, "changed") == "true";
    std::printf("%s %s %s\n", id.c_str(), changed ? "is now" : "was already",
                is_active ? "on" : "off");
}

void run_workers(Session& session) {
    const auto backend = session.backend();
    if (!backend) return;
    Table table({"WORKER", "STATE", "RELEASE", "PROVIDER", "RUNTIME", "QUEUE", "REPORTED (UTC)",
                 "HARD GATE"});
    const bool asked = for_each_row(
        session, *backend, {.method = "GET", .path = "/api/workers", .view = "platforms"},
        [&](const boost::json::object& worker) {
            table.add({text_of(worker, "name"), text_of(worker, "state"),
                       text_of(worker, "release"), text_of(worker, "provider"),
                       text_of(worker, "runtime"), text_of(worker, "queueDepth"),
                       text_of(worker, "reportedAt").substr(0, 19), text_of(worker, "hardGate")});
        });
    if (asked && !session.json) table.print();
}

void add_switch(CLI::App& accounts, Session& session, const char* name, const char* help,
                bool is_active) {
    auto* command = accounts.add_subcommand(name, help);
    add_where(*command, session);
    auto id = std::make_shared<std::string>();
    command->add_option("id", *id, "account id")->required()->check(problem_of_account, "");
    command->callback([&session, id, is_active] { run_switch(session, *id, is_active); });
}

}  // namespace

void add_services(CLI::App& app, Session& session) {
    auto* accounts =
        app.add_subcommand("accounts", "platform accounts of services, and their switch");
    add_where(*accounts, session);
    add_switch(*accounts, session, "off", "switch an account off; it stays off over restarts",
               false);
    add_switch(*accounts, session, "on", "switch it on again", true);
    accounts->callback([&session, accounts] {
        if (accounts->get_subcommands().empty()) run_accounts(session);
    });
    auto* workers = app.add_subcommand("workers", "the last report of every worker");
    add_where(*workers, session);
    workers->callback([&session] { run_workers(session); });
}

}  // namespace decklog::cli
