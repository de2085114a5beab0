// `decklog adopt [--since P]`: lets a restored or imported ledger act again.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

void print(const boost::json::object& answer) {
    const auto* open = answer.if_contains("open");
    const auto* deliveries = open != nullptr && open->is_object()
                                 ? open->get_object().if_contains("deliveries")
                                 : nullptr;
    const auto text = [&answer](std::string_view key) -> std::string {
        const auto* value = answer.if_contains(key);
        return value != nullptr && value->is_string() ? printable(value->get_string()) : "";
    };
    std::printf("open deliveries  %s\n",
                deliveries == nullptr ? "unknown" : boost::json::serialize(*deliveries).c_str());
    if (text("outcome") == "adopted") {
        std::printf("adopted at %s: outbound and clocks run again\n", text("position").c_str());
    } else {
        std::printf("not held: nothing to adopt\n");
    }
}

void run_adopt(Session& session, const std::string& since) {
    const auto backend = session.backend();
    if (!backend) return;
    boost::json::object body;
    if (!since.empty()) body["since"] = since;
    Response response;
    if (!session.ask(
            *backend,
            {.method = "POST", .path = "/api/admin/adopt", .body = boost::json::serialize(body)},
            nullptr, response))
        return;
    if (session.json) {
        std::printf("%s\n", response.body.c_str());
        return;
    }
    boost::system::error_code error;
    const auto answer = boost::json::parse(response.body, error);
    if (error || !answer.is_object())
        return session.fail(kFailed, "the server's answer is not JSON");
    print(answer.get_object());
}

}  // namespace

void add_adopt(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand(
        "adopt", "let a restored or imported ledger act again (outbound, clocks)");
    add_where(*command, session);
    auto since = std::make_shared<std::string>();
    command->add_option("--since", *since,
                        "deliveries begun before this position are taken for ambiguous");
    command->callback([&session, since] { run_adopt(session, *since); });
}

}  // namespace decklog::cli
