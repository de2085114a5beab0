// `decklog gate replay`: the verdicts that a policy gives on what the log holds.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/gate_verdict.hpp"
#include "tools/decklog/policy_arg.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

struct ReplayOptions {
    std::string rollout, from, to, policy, against;
    double aa_weight = 0;
};

/// False when it cannot be read.
bool add_policy(Session& session, json::object& body, const char* name, const std::string& given) {
    if (given.empty()) return true;
    const auto policy = policy_given(given);
    if (!policy) {
        session.fail(kFailed, policy.error().context);
        return false;
    }
    body[name] = *policy;
    return true;
}

std::string verdict_text(const json::object& judged) {
    std::string text = text_of(judged, "verdict") + ": " + text_of(judged, "reason");
    if (const std::string subject = text_of(judged, "subject"); !subject.empty())
        text += " " + printable(subject);
    return text;
}

/// What it is held against: the log, or the other policy.
std::string other_text(const json::object& check) {
    for (const char* name : {"against", "recorded"}) {
        const auto* other = check.if_contains(name);
        if (other != nullptr && other->is_object()) return verdict_text(other->get_object());
    }
    return {};
}

std::string totals_text(const json::object& totals) {
    return text_of(totals, "watches") + " watches, " + text_of(totals, "promotions") +
           " promoted, " + text_of(totals, "rollbacks") + " rolled back";
}

void print_against(const json::object& answer, bool is_range) {
    const auto* totals = answer.if_contains("against");
    if (totals == nullptr || !totals->is_object()) return;
    std::printf("against: %s\n", totals_text(totals->get_object()).c_str());
    if (is_range)
        std::printf("Of a range the two are paired by the number of the check, not by time.\n");
    std::printf("The exit code is that of the first policy.\n");
}

void print(const json::object& answer, bool is_range, bool has_policy, bool has_other_policy) {
    std::vector<std::string> headings{"CHECK", "POSITION", "SEALED (UTC)", "WATCH", "VERDICT"};
    if (has_other_policy) {
        headings.emplace_back("AGAINST");
    } else if (!is_range) {
        headings.emplace_back("IN THE LOG");  // a range has no verdicts there
    }
    Table table(std::move(headings));
    for (const auto& value : answer.at("checks").as_array()) {
        const json::object& check = value.as_object();
        table.add({text_of(check, "check"), text_of(check, "position"),
                   text_of(check, "sealedAt").substr(0, 19), text_of(check, "watch"),
                   verdict_text(check), other_text(check)});
    }
    table.print();
    const json::object& totals = answer.at("totals").as_object();
    std::printf("%s events, %s\n", text_of(totals, "events").c_str(), totals_text(totals).c_str());
    print_against(answer, is_range);
    if (!has_other_policy && has_policy && text_of(answer, "same") == "false")
        std::printf(
            "The verdicts in the log are others: they were reached under another policy.\n");
}

void run_replay(Session& session, const ReplayOptions& options, bool is_aa) {
    if (is_aa && !(options.aa_weight > 0 && options.aa_weight < 100))
        return session.fail(kUsage, "--aa: a percentage above 0 and below 100");
    if (options.rollout.empty() && options.policy.empty()) {
        return session.fail(kUsage,
                            "give --rollout ID, or --policy for a range (--from, --to; a range has "
                            "no policy of its own)");
    }
    json::object body;
    if (!options.rollout.empty()) body["rollout"] = options.rollout;
    if (!options.from.empty()) body["from"] = options.from;
    if (!options.to.empty()) body["to"] = options.to;
    if (is_aa) body["aaWeight"] = options.aa_weight;
    if (!add_policy(session, body, "policy", options.policy)) return;
    if (!add_policy(session, body, "against", options.against)) return;
    const auto answer = ask_for_verdict(
        session, {.method = "POST", .path = "/api/gate/replay", .body = json::serialize(body)});
    if (!answer) return;
    if (session.json) {
        std::printf("%s\n", answer->text.c_str());
    } else {
        print(answer->object, options.rollout.empty(), !options.policy.empty(),
              !options.against.empty());
    }
    const bool is_as_it_went = !options.rollout.empty() && options.policy.empty() && !is_aa;
    if (is_as_it_went && text_of(answer->object, "same") == "false") {
        return session.fail(kFailed,
                            "the log has other verdicts than these, or others of the numbers they "
                            "were reached from: --json shows both");
    }
    const std::string verdict = text_of(answer->object, "verdict");
    if (verdict.empty()) return session.fail(kFailed, "there is no check in this range");
    session.exit_code = exit_code_of(verdict);
}

}  // namespace

void add_gate_replay(CLI::App& group, Session& session) {
    auto options = std::make_shared<ReplayOptions>();
    auto* command = group.add_subcommand("replay", "judge a past range or rollout again");
    add_where(*command, session);
    command->add_option("--rollout", options->rollout, "a rollout as it went")
        ->check(problem_of_name, "");
    command->add_option("--from", options->from,
                        "the first position, such as 0:4711; the log's first");
    command->add_option("--to", options->to, "the last position, such as 0:9000; the log's last");
    command->add_option("--policy", options->policy,
                        "a policy (TOML), or default or lease-bot; a rollout has its own");
    command->add_option("--against", options->against, "another policy, to compare with");
    auto* aa = command->add_option("--aa", options->aa_weight,
                                   "shadow against shadow: so many percent of its units stand for "
                                   "a canary");
    command->callback([&session, options, aa] { run_replay(session, *options, aa->count() > 0); });
}

}  // namespace decklog::cli
