// `decklog gate eval`: anyone may check the arithmetic of the rollout gate.
#include <array>
#include <cstdio>
#include <optional>

#include "api/gate/policy_file.hpp"
#include "api/gate/report_json.hpp"
#include "api/json_writer.hpp"
#include "domain/gate/profiles.hpp"
#include "domain/gate/report_text.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/gate_eval.hpp"
#include "tools/decklog/policy_arg.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace gate = domain::gate;

struct EvalOptions {
    std::string batches, policy, stream;
};

int exit_code_of(gate::Verdict verdict) {
    switch (verdict) {
        case gate::Verdict::promote:
            return kOk;
        case gate::Verdict::proceed:
            return kContinue;
        case gate::Verdict::hold:
            return kHold;
        case gate::Verdict::rollback:
            return kRollback;
    }
    return kFailed;
}

domain::Result<gate::Policy> policy_of(const std::string& name) {
    if (auto profile = gate::find_profile(name)) return *std::move(profile);
    const auto text = policy_given(name);
    if (!text) return tl::unexpected(text.error());
    auto policy = api::parse_policy(*text);
    if (policy) return *std::move(policy);
    return domain::fail(domain::ErrorCode::invalid_argument, name + ": " + policy.error().message);
}

domain::Result<EvalSetting> setting_of(const EvalOptions& options) {
    if (options.policy.empty()) return plain_eval();
    const auto policy = policy_of(options.policy);
    if (!policy) return tl::unexpected(policy.error());
    auto setting = eval_of(*policy, options.stream);
    if (setting) setting->policy_hash = api::policy_hash(*policy);
    return setting;
}

std::string decimals(double value, int count) {
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.*f", count, value);
    return {text.data(), static_cast<std::size_t>(length)};
}
std::string ln_text(double ln) { return decimals(ln, 6); }

std::string interval_text(const std::optional<gate::RatioInterval>& interval) {
    if (!interval) return "-";
    const std::string high = interval->high ? decimals(*interval->high, 4) : "no bound";
    return decimals(interval->low, 4) + " to " + high;
}

void print_json(const EvalSetting& setting, const Eval& eval) {
    const auto number = [](api::JsonWriter& out, const char* key, double value) {
        out.key(key).raw(api::json_number(value));
    };
    for (const EvalRow& row : eval.rows) {
        api::JsonWriter out;
        out.begin_object().key("check").number(row.judgement.checks);
        out.key("canaryUnits").number(row.counts.canary_units);
        out.key("canaryErrors").number(row.counts.canary_errors);
        out.key("baselineUnits").number(row.counts.baseline_units);
        out.key("baselineErrors").number(row.counts.baseline_errors);
        number(out, "lnERPlain", row.report.evidence.ln_regression_plain);
        number(out, "lnER", row.report.evidence.ln_regression);
        number(out, "lnEP", row.report.evidence.ln_promotion);
        number(out, "lnEF", row.ln_floor);
        if (row.report.interval) api::write_interval(out, *row.report.interval);
        out.field("verdict", to_text(row.judgement.verdict));
        out.field("reason", to_text(row.judgement.reason));
        out.end_object();
        std::printf("%s\n", out.take().c_str());
    }
    const gate::StreamReport& last = eval.last.streams[EvalSetting::kStream];
    api::JsonWriter out;
    out.begin_object().field("verdict", to_text(eval.last.judgement.verdict));
    out.field("reason", to_text(eval.last.judgement.reason));
    out.key("checks").number(eval.rows.size());
    number(out, "lnRollbackAt", last.evidence.ln_rollback_at);
    number(out, "lnPromoteAt", last.evidence.ln_promote_at);
    number(out, "floor", setting.floor_shown);
    out.key("floorDecides").boolean(last.evidence.ln_floor.has_value());
    if (eval.last.clean_checks) out.key("cleanChecksToPromote").number(*eval.last.clean_checks);
    out.field_if_any("policyHash", setting.policy_hash);
    out.end_object();
    std::printf("%s\n", out.take().c_str());
}

void print_verdict(const EvalSetting& setting, const Eval& eval) {
    const gate::Judgement& judgement = eval.last.judgement;
    std::size_t since = eval.rows.size();
    while (since > 1 && eval.rows[since - 2].judgement.verdict == judgement.verdict) --since;
    const gate::StreamReport& last = eval.last.streams[EvalSetting::kStream];
    std::printf("\nln E_R rolls back at %s, ln E_P%s promotes at %s in %u checks in a row\n",
                ln_text(last.evidence.ln_rollback_at).c_str(),
                last.evidence.ln_floor ? " with ln E_F (half each)" : "",
                ln_text(last.evidence.ln_promote_at).c_str(), setting.policy.consecutive_checks);
    std::printf("ln E_F is of a floor of %s%s\n", api::json_number(setting.floor_shown).c_str(),
                last.evidence.ln_floor ? "" : ", shown only: the policy has none");
    const std::string verdict(to_text(judgement.verdict));
    const std::string reason(to_text(judgement.reason));
    const std::string meaning(meaning_of(judgement.reason));
    std::printf("%s since check %zu: %s (%s)\n", verdict.c_str(), since, meaning.c_str(),
                reason.c_str());
    if (const std::string more = gate::promotion_forecast(eval.last); !more.empty())
        std::printf("%s\n", more.c_str());
}

void print_table(const EvalSetting& setting, const Eval& eval) {
    Table table({"CHECK", "CANARY", "BASELINE", "LN E_R PLAIN", "LN E_R", "LN E_P", "LN E_F",
                 "95 % INTERVAL"});
    const auto arm = [](std::uint64_t errors, std::uint64_t units) {
        return std::to_string(errors) + "/" + std::to_string(units);
    };
    for (const EvalRow& row : eval.rows) {
        table.add({std::to_string(row.judgement.checks),
                   arm(row.counts.canary_errors, row.counts.canary_units),
                   arm(row.counts.baseline_errors, row.counts.baseline_units),
                   ln_text(row.report.evidence.ln_regression_plain),
                   ln_text(row.report.evidence.ln_regression),
                   ln_text(row.report.evidence.ln_promotion), ln_text(row.ln_floor),
                   interval_text(row.report.interval)});
    }
    table.print();
    print_verdict(setting, eval);
}

void run_eval(Session& session, const EvalOptions& options) {
    const auto setting = setting_of(options);
    if (!setting) return session.fail(kFailed, printable(setting.error().context));
    const auto rows = read_batches(options.batches);
    if (!rows)
        return session.fail(kFailed, printable(options.batches + ": " + rows.error().context));
    const Eval eval = evaluate(*setting, *rows);
    if (session.json)
        print_json(*setting, eval);
    else
        print_table(*setting, eval);
    session.exit_code = exit_code_of(eval.last.judgement.verdict);
}

}  // namespace

void add_gate(CLI::App& app, Session& session) {
    auto* group = app.add_subcommand("gate", "verdicts on rollouts");
    group->require_subcommand(1);
    group->footer(
        "Exit codes: 0 promote, 2 hold, 3 rollback, 4 continue; 1 failed, 64 usage, 69 not "
        "reachable.");
    add_gate_check(*group, session);
    add_gate_replay(*group, session);
    auto* eval = group->add_subcommand("eval", "judge counts given by hand");
    auto options = std::make_shared<EvalOptions>();
    eval->add_option("--batches", options->batches,
                     "rows of canary_units, canary_errors, baseline_units, baseline_errors; - is "
                     "standard input")
        ->required();
    auto* policy =
        eval->add_option("--policy", options->policy, "a policy (TOML), or default or lease-bot");
    eval->add_option("--stream", options->stream,
                     "which stream of the policy the rows are of; its first required one")
        ->needs(policy);
    eval->add_flag("--json", session.json, "one JSON object a line");
    eval->callback([&session, options] { run_eval(session, *options); });
}

}  // namespace decklog::cli
