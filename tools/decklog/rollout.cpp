// `decklog rollout create|list|show|stage|gate|override`; its run: rollout_run.cpp.
#include <boost/json.hpp>
#include <cstdio>

#include "domain/text.hpp"
#include "domain/time_text.hpp"
#include "store/clock.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/command_run.hpp"
#include "tools/decklog/items.hpp"
#include "tools/decklog/policy_arg.hpp"
#include "tools/decklog/rollout_lines.hpp"
#include "tools/decklog/terminal.hpp"
#include "tools/decklog/time_arg.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

struct Wish {
    std::string id, service, release, baseline, policy, stage, gate, status, evidence, reason, by,
        expires = "1d";
    double weight = 0;
};

std::string path_of(const Wish& wish, std::string_view what = {}) {
    std::string path = "/api/rollouts/" + wish.id;
    if (!what.empty()) path.append("/").append(what);
    return path;
}

void print(const json::object& rollout) {
    const std::string now = domain::to_rfc3339(store::system_clock().now_us());
    for (const std::string& line : rollout_lines(rollout, now)) std::printf("%s\n", line.c_str());
}

void send(Session& session, const Call& call) {
    const auto backend = session.backend();
    if (!backend) return;
    if (const auto answer = session.ask_for_object(*backend, call)) print(*answer);
}

void post(Session& session, const std::string& path, const json::object& body) {
    send(session, {.method = "POST", .path = path, .body = json::serialize(body)});
}

void create(Session& session, const Wish& wish) {
    const auto policy = policy_given(wish.policy);
    if (!policy) return session.fail(kFailed, policy.error().context);
    post(session, "/api/rollouts",
         {{"id", wish.id},
          {"service", wish.service},
          {"release", wish.release},
          {"baselineRelease", wish.baseline},
          {"policy", *policy}});
}

void change_stage(Session& session, const Wish& wish, bool has_weight) {
    json::object body{{"stage", wish.stage}};
    if (has_weight) body["weight"] = wish.weight;
    post(session, path_of(wish, "stage"), body);
}

void record_gate(Session& session, const Wish& wish) {
    json::object body{{"name", wish.gate}, {"status", wish.status}};
    if (!wish.evidence.empty()) body["evidence"] = wish.evidence;
    post(session, path_of(wish, "gates"), body);
}

void list(Session& session) {
    const auto backend = session.backend();
    if (!backend) return;
    Table table({"ROLLOUT", "SERVICE", "RELEASE", "STAGE", "WEIGHT", "CHECKS", "VERDICT"});
    Call call{.method = "GET", .path = "/api/rollouts"};
    const bool listed = for_each_row(session, *backend, call, [&table](const json::object& item) {
        table.add({text_of(item, "id"), text_of(item, "service"), text_of(item, "release"),
                   text_of(item, "stage"), text_of(item, "weight"), text_of(item, "checks"),
                   text_of(item, "verdict")});
    });
    if (listed && !session.json) table.print();
}

}  // namespace

std::string problem_of_name(const std::string& text) {
    if (domain::is_name(text)) return {};
    return "a name begins with a letter or digit, then up to 127 more of these and ._:-";
}

void add_rollout(CLI::App& app, Session& session) {
    auto* group = app.add_subcommand("rollout", "releases on their way: shadow, canary, full");
    group->require_subcommand(1);
    auto wish = std::make_shared<Wish>();
    const auto command = [&](const char* name, const char* what, bool names_one = true) {
        auto* made = group->add_subcommand(name, what);
        add_where(*made, session);
        if (names_one) {
            made->add_option("rollout", wish->id, "its id")->required()->check(problem_of_name, "");
        }
        return made;
    };
    auto* make = command("create", "begin a rollout, in shadow");
    make->add_option("--service", wish->service, "what is rolled out")->required();
    make->add_option("--release", wish->release, "the new release")->required();
    make->add_option("--baseline", wish->baseline, "the release before it")->required();
    wish->policy = "default";
    make->add_option("--policy", wish->policy, "a policy (TOML), or default or lease-bot")
        ->capture_default_str();
    make->callback([&session, wish] { create(session, *wish); });

    command("list", "every rollout, its stage and its verdict", false)->callback([&session] {
        list(session);
    });
    command("show", "one rollout: its stage, gates, override, drills and verdict")
        ->callback([&session, wish] { send(session, {.method = "GET", .path = path_of(*wish)}); });

    auto* stage = command("stage", "the next stage, or the end");
    stage->add_option("stage", wish->stage, "canary, full, rolled_back or aborted")->required();
    auto* weight = stage->add_option("--weight", wish->weight, "percent, of a canary");
    stage->callback(
        [&session, wish, weight] { change_stage(session, *wish, weight->count() > 0); });

    auto* gate = command("gate", "the result of a hard gate");
    gate->add_option("name", wish->gate, "the gate")->required();
    gate->add_option("status", wish->status, "passed or failed")->required();
    gate->add_option("--evidence", wish->evidence, "where the result can be read");
    gate->callback([&session, wish] { record_gate(session, *wish); });

    auto* let = command("override", "let the next stage begin without its verdict");
    let->add_option("--reason", wish->reason, "why")->required();
    add_operator_option(*let, wish->by);
    let->add_option("--expires", wish->expires, "for how long: 2h, 1d")->capture_default_str();
    let->callback([&session, wish] {
        const auto length = duration_us(wish->expires);
        if (!length) return session.fail(kUsage, "--expires: " + length.error().message);
        json::object body{
            {"reason", wish->reason},
            {"expiresAt", domain::to_rfc3339(store::system_clock().now_us() + *length)}};
        if (!wish->by.empty()) body["operator"] = wish->by;
        post(session, path_of(*wish, "override"), body);
    });
    add_rollout_run(*group, session);
}

}  // namespace decklog::cli
