// `decklog preflight`: what a runbook wants to be in place before a release, as gate results. It
// runs in the operator's process: variables and their values stay here, the server is asked only
// for accounts (references) and linkage audits, and told the results with --rollout alone.
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/items.hpp"
#include "tools/decklog/preflight_evidence.hpp"
#include "tools/decklog/preflight_linkage.hpp"
#include "tools/decklog/preflight_rollout.hpp"
#include "tools/decklog/preflight_variables.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr const char* kNoLedger = "there is no ledger to ask: give --data DIR or --url";

struct PreflightOptions {
    std::string profile, env, evidence, release, intent, rollout;
};

std::string problem_of_release(const std::string& text) {
    constexpr std::size_t kLeast = 7, kMost = 64;
    const bool is_sha = text.size() >= kLeast && text.size() <= kMost &&
                        text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    return is_sha ? std::string() : "the SHA of the candidate: 7 to 64 hex digits";
}

/// Every page of a list; false: it failed, and was told.
bool every_item(Session& session, Backend& backend, Call call, std::size_t limit,
                json::array& items) {
    return for_each_item(session, backend, std::move(call), limit, [&](std::string_view text) {
        json::error_code error;
        json::value value = json::parse(json::string_view(text.data(), text.size()), error);
        items.push_back(error ? json::value() : std::move(value));
    });
}

ReferencingAccount account_of(const json::object& item) {
    ReferencingAccount account;
    account.id = text_of(item, "id");
    account.platform = text_of(item, "platform");
    account.is_active = text_of(item, "isActive") != "false";
    const auto* credentials = item.if_contains("credentials");
    if (credentials == nullptr || !credentials->is_object()) return account;
    for (const auto& member : credentials->get_object()) {
        account.references.emplace_back(
            member.value().is_string() ? std::string(member.value().get_string()) : std::string());
    }
    return account;
}

bool ask_accounts(Session& session, Backend& backend, std::vector<ReferencingAccount>& accounts) {
    json::array items;
    if (!every_item(session, backend,
                    {.method = "GET", .path = "/api/admin/platform-accounts", .view = "platforms"},
                    0, items)) {
        return false;
    }
    for (const json::value& item : items) {
        if (item.is_object()) accounts.push_back(account_of(item.get_object()));
    }
    return true;
}

bool ask_linkage(Session& session, Backend& backend, std::size_t sample, json::array& events) {
    return every_item(session, backend,
                      {.method = "GET",
                       .path = "/api/events",
                       .query = {{"action", "ingest_conversation_linkage_resolved"},
                                 {"action", "ingest_conversation_linkage_unresolved"},
                                 {"order", "desc"}}},
                      sample, events);
}

void append(PreflightGates& gates, PreflightGates more) {
    std::move(more.begin(), more.end(), std::back_inserter(gates));
}

/// What the server knows. False: it did not answer.
bool check_with_server(Session& session, const PreflightProfile& profile,
                       const Variables& variables, PreflightGates& gates) {
    auto chosen = choose_backend(session.where);
    if (!chosen && chosen.error().code != domain::ErrorCode::not_found) {
        session.fail(kFailed, chosen.error().context);
        return false;
    }
    std::vector<ReferencingAccount> accounts;
    if (chosen && !ask_accounts(session, **chosen, accounts)) return false;
    append(gates, check_credential_references(profile, variables, accounts));
    if (!chosen) {
        gates.push_back(missing("platform-accounts", kNoLedger));
    }
    if (profile.linkage_sample == 0) return true;
    if (!chosen) {
        gates.push_back(missing("linkage-sample", kNoLedger));
        return true;
    }
    json::array events;
    if (!ask_linkage(session, **chosen, profile.linkage_sample, events)) return false;
    gates.push_back(check_linkage(events));
    return true;
}

std::size_t count(const PreflightGates& gates, GateStatus status) {
    return static_cast<std::size_t>(
        std::count_if(gates.begin(), gates.end(),
                      [status](const PreflightGate& gate) { return gate.status == status; }));
}

void print_json(const PreflightGates& gates, const PreflightOptions& options) {
    for (const PreflightGate& gate : gates) {
        json::object line{{"name", gate.name}, {"status", to_text(gate.status)}};
        if (!gate.why.empty()) line["why"] = gate.why;
        std::printf("%s\n", json::serialize(line).c_str());
    }
    const std::size_t passed = count(gates, GateStatus::passed);
    std::printf("%s\n",
                json::serialize(json::object{{"ok", passed == gates.size()},
                                             {"release", options.release},
                                             {"passed", passed},
                                             {"failed", count(gates, GateStatus::failed)},
                                             {"missing", count(gates, GateStatus::missing)}})
                    .c_str());
}

/// Lines of at most so many bytes, broken between words: a table would cut what says why.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (text.size() > width) {
        const auto blank = text.rfind(' ', width);
        const std::size_t end = blank == std::string_view::npos || blank == 0 ? width : blank;
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
        if (text.starts_with(' ')) text.remove_prefix(1);
    }
    lines.emplace_back(text);
    return lines;
}

void print_table(const PreflightGates& gates, const PreflightOptions& options) {
    constexpr std::size_t kRest = 12, kLeast = 24;  // the column of states and what is between
    std::size_t widest = 0;
    for (const PreflightGate& gate : gates) widest = std::max(widest, gate.name.size());
    const std::size_t width =
        widest + kRest + kLeast > kColumnsMax ? kLeast : kColumnsMax - widest - kRest;
    Table table({"GATE", "STATUS", "WHY"});
    for (const PreflightGate& gate : gates) {
        const auto lines = wrapped(printable(gate.why), width);
        table.add({gate.name, std::string(to_text(gate.status)), lines.front()});
        for (std::size_t i = 1; i < lines.size(); ++i) table.add({"", "", lines[i]});
    }
    table.print();
    std::printf("%s: %zu passed, %zu failed, %zu missing\n", printable(options.release).c_str(),
                count(gates, GateStatus::passed), count(gates, GateStatus::failed),
                count(gates, GateStatus::missing));
}

void run_preflight(Session& session, const PreflightOptions& options) {
    const auto path = find_profile(options.profile);
    if (!path) return session.fail(kConfig, path.error().context);
    const auto profile = read_profile(*path);
    if (!profile) return session.fail(kConfig, profile.error().context);
    const auto variables = read_env_file(options.env);
    if (!variables) return session.fail(kConfig, variables.error().context);
    const auto& intents = profile->intents;
    std::string intent = options.intent;
    if (intent.empty() && !intents.empty()) intent = intents.front();
    if (!intents.empty() && std::find(intents.begin(), intents.end(), intent) == intents.end())
        return session.fail(kUsage,
                            fmt::format("--intent: must be one of {}", fmt::join(intents, ", ")));

    PreflightGates gates = check_variables(*profile, *variables, intent);
    append(gates, check_evidence(*profile, options.evidence, options.release));
    if (!check_with_server(session, *profile, *variables, gates)) return;
    session.json ? print_json(gates, options) : print_table(gates, options);
    if (count(gates, GateStatus::passed) != gates.size()) session.exit_code = kFailed;
    if (!options.rollout.empty())
        record_gates(session, {options.rollout, profile->name, options.release}, gates);
}

}  // namespace

void add_preflight(CLI::App& app, Session& session) {
    auto* preflight =
        app.add_subcommand("preflight", "what must be in place before a release, as gate results");
    add_where(*preflight, session);
    auto options = std::make_shared<PreflightOptions>();
    preflight->add_option("--profile", options->profile, "name of a profile, or path of one")
        ->required();
    preflight
        ->add_option("--env", options->env,
                     "KEY=VALUE lines of what is deployed; values are never shown")
        ->required();
    preflight->add_option("--evidence", options->evidence, "folder of the candidate's CI evidence")
        ->required();
    preflight->add_option("--release", options->release, "SHA of the candidate")
        ->required()
        ->check(problem_of_release, "");
    preflight->add_option("--intent", options->intent,
                          "the provider that the rollout intends (default: the profile's first)");
    preflight
        ->add_option("--rollout", options->rollout,
                     "record each result as a gate of this rollout; missing is failed")
        ->check(problem_of_name, "");
    preflight->callback([&session, options] { run_preflight(session, *options); });
}

}  // namespace decklog::cli
