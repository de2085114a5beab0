// `decklog token create|list|revoke`.
#include <boost/json.hpp>
#include <cstdio>

#include "domain/time_text.hpp"
#include "store/clock.hpp"
#include "tools/decklog/items.hpp"
#include "tools/decklog/terminal.hpp"
#include "tools/decklog/time_arg.hpp"

namespace decklog::cli {
namespace {

struct CreateOptions {
    std::string role, name, expires, account, gate;
    bool personal = false;
};

void run_create(Session& session, const CreateOptions& options) {
    if (options.role.empty() && options.gate.empty())
        return session.fail(kUsage, "--role is required, unless --gate is given");
    boost::json::object body{{"name", options.name}};
    if (!options.role.empty()) body["role"] = options.role;
    if (!options.gate.empty()) body["gate"] = options.gate;
    if (options.personal) body["personal"] = true;
    if (!options.account.empty()) body["account"] = options.account;
    if (!options.expires.empty()) {
        const auto length = duration_us(options.expires);
        if (!length) {
            session.fail(kUsage, "--expires: " + length.error().message);
            return;
        }
        body["expiresAt"] = domain::to_rfc3339(store::system_clock().now_us() + *length);
    }
    const auto backend = session.backend();
    if (!backend) return;
    const auto answer = session.ask_for_object(
        *backend, {.method = "POST", .path = "/api/tokens", .body = boost::json::serialize(body)});
    if (!answer) return;
    // The token alone on stdout, so that it can be piped to where it is kept; it is shown only this
    // once.
    std::printf("%s\n", text_of(*answer, "token").c_str());
    std::fprintf(stderr, "token %s (%s) made; it is not shown again\n",
                 text_of(*answer, "id").c_str(), text_of(*answer, "role").c_str());
}

void run_list(Session& session) {
    const auto backend = session.backend();
    if (!backend) return;
    Table table({"ID", "ROLE", "NAME", "STATE", "EXPIRES", "ACCOUNT", "GATE"});
    const bool asked = for_each_row(
        session, *backend, {.method = "GET", .path = "/api/tokens"},
        [&](const boost::json::object& token) {
            const std::string expires = text_of(token, "expiresAt");
            table.add({text_of(token, "id"), text_of(token, "role"), text_of(token, "name"),
                       text_of(token, "state"), expires.empty() ? "never" : expires.substr(0, 19),
                       text_of(token, "account"), text_of(token, "gate")});
        });
    if (asked && !session.json) table.print();
}

void run_revoke(Session& session, const std::string& id) {
    const auto backend = session.backend();
    if (!backend) return;
    if (session.ask_for_object(*backend, {.method = "DELETE", .path = "/api/tokens/" + id}))
        std::printf("token %s revoked\n", id.c_str());
}

}  // namespace

void add_token(CLI::App& app, Session& session) {
    auto* token = app.add_subcommand("token", "API tokens");
    token->require_subcommand(1);
    auto* create = token->add_subcommand("create", "make a token; it is printed once");
    add_where(*create, session);
    auto options = std::make_shared<CreateOptions>();
    create->add_option("--role", options->role, "what it may do; left out with --gate")
        ->check(CLI::IsMember({"viewer", "operator", "ingest", "admin"}));
    create->add_option("--name", options->name, "who or what holds it")->required();
    create->add_option("--expires", options->expires, "valid for so long, such as 365d");
    create->add_flag("--personal", options->personal,
                     "a viewer that may read sealed parts; not with --gate");
    create->add_option("--account", options->account, "an ingest token for this account only");
    create
        ->add_option("--gate", options->gate,
                     "a token that reports this gate of a rollout and does nothing else")
        ->check(problem_of_name, "");
    create->callback([&session, options] { run_create(session, *options); });

    auto* list = token->add_subcommand("list", "all tokens, never their secrets");
    add_where(*list, session);
    list->callback([&session] { run_list(session); });

    auto* revoke = token->add_subcommand("revoke", "end a token from the next request on");
    add_where(*revoke, session);
    auto id = std::make_shared<std::string>();
    revoke->add_option("id", *id, "token id")->required()->check([](const std::string& text) {
        const bool plain =
            text.find_first_not_of(
                "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") ==
            std::string::npos;
        return plain ? std::string() : std::string("not a token id");
    });
    revoke->callback([&session, id] { run_revoke(session, *id); });
}

}  // namespace decklog::cli
