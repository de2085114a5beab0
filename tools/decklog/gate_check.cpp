// `decklog gate check` and `decklog gate status`: the verdict on a rollout, as an exit code.
#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "store/json/canonical_json.hpp"
#include "tools/decklog/gate_verdict.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

std::optional<json::object> object_in(const Response& response) {
    boost::system::error_code error;
    auto value = json::parse(response.body, error);
    if (error || !value.is_object()) return std::nullopt;
    return std::move(value.get_object());
}

Told member_of(const Told& parent, const char* name) {
    const auto* value = parent.object.if_contains(name);
    if (value == nullptr || !value->is_object()) return {};
    return {value->get_object(), std::string(store::json_token_at(parent.text, name))};
}

void print(const json::object& verdict, const char* form) {
    for (const char* member : {form, "text"}) {
        if (const std::string text = text_of(verdict, member); !text.empty()) {
            std::printf("%s", text.c_str());
            return;
        }
    }
    std::printf("%s: %s", text_of(verdict, "verdict").c_str(), text_of(verdict, "reason").c_str());
    if (const std::string subject = text_of(verdict, "subject"); !subject.empty())
        std::printf(" (%s)", printable(subject).c_str());
    std::printf("\n");
}

/// Answers by the exit code, and only with a verdict in hand.
void answer(Session& session, const Told& verdict, bool as_markdown) {
    if (!verdict.object.contains("verdict"))
        return session.fail(kFailed, "the server's answer has no verdict");
    if (session.json) {
        std::printf("%s\n", verdict.text.c_str());
    } else {
        print(verdict.object, as_markdown ? "markdown" : "text");
    }
    session.exit_code = exit_code_of(text_of(verdict.object, "verdict"));
}

struct CheckOptions {
    std::string id;
    bool as_markdown = false;
};

void run_check(Session& session, const CheckOptions& options) {
    const auto verdict = ask_for_verdict(
        session, {.method = "POST", .path = "/api/rollouts/" + options.id + "/check"});
    if (verdict) answer(session, *verdict, options.as_markdown);
}

void run_status(Session& session, const CheckOptions& options) {
    const auto rollout =
        ask_for_verdict(session, {.method = "GET", .path = "/api/rollouts/" + options.id});
    if (!rollout) return;
    // The last verdict has its explanation; of an earlier stage or weight it counts no more.
    const Told standing = member_of(*rollout, "standing");
    const Told last = member_of(*rollout, "lastVerdict");
    const bool is_standing = text_of(standing.object, "reason") == text_of(last.object, "reason") &&
                             text_of(standing.object, "stage") == text_of(last.object, "stage");
    answer(session, is_standing ? last : standing, options.as_markdown);
}

}  // namespace

int exit_code_of(std::string_view verdict) {
    constexpr std::pair<std::string_view, int> kCodes[] = {
        {"promote", kOk}, {"hold", kHold}, {"rollback", kRollback}, {"continue", kContinue}};
    for (const auto& [word, code] : kCodes) {
        if (word == verdict) return code;
    }
    return kFailed;
}

std::optional<Told> ask_for_verdict(Session& session, const Call& call) {
    const auto backend = session.backend();
    if (!backend) return std::nullopt;
    Response response;
    if (!session.ask(*backend, call, nullptr, response)) return std::nullopt;
    auto object = object_in(response);
    if (object) return Told{*std::move(object), std::move(response.body)};
    session.fail(kFailed, "the server's answer is not JSON");
    return std::nullopt;
}

void add_gate_check(CLI::App& group, Session& session) {
    auto options = std::make_shared<CheckOptions>();
    auto* check = group.add_subcommand("check", "seal a check of a rollout and judge it");
    auto* status = group.add_subcommand("status", "the verdict that counts now; asks for no check");
    for (auto* command : {check, status}) {
        add_where(*command, session);
        command->add_option("--rollout", options->id, "the rollout")
            ->required()
            ->check(problem_of_name, "");
        command
            ->add_flag("--markdown", options->as_markdown,
                       "the explanation as Markdown, to keep as evidence")
            ->excludes(command->get_option("--json"));
    }
    check->callback([&session, options] { run_check(session, *options); });
    status->callback([&session, options] { run_status(session, *options); });
}

}  // namespace decklog::cli
