// `decklog adopt [--since P]`: lets a restored or imported ledger act again.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

void print(const boost::json::object& answer) {
    const auto* open = answer.if_contains("open");
    const std::string deliveries = open != nullptr && open->is_object()
                                       ? text_of(open->get_object(), "deliveries")
                                       : std::string();
    std::printf("open deliveries  %s\n", deliveries.empty() ? "unknown" : deliveries.c_str());
    if (text_of(answer, "outcome") == "adopted") {
        std::printf("adopted at %s: outbound and clocks run again\n",
                    printable(text_of(answer, "position")).c_str());
    } else {
        std::printf("not held: nothing to adopt\n");
    }
}

void run_adopt(Session& session, const std::string& since) {
    const auto backend = session.backend();
    if (!backend) return;
    Call call{.method = "POST", .path = "/api/admin/adopt"};
    if (!since.empty()) call.body = boost::json::serialize(boost::json::object{{"since", since}});
    if (const auto answer = session.ask_for_object(*backend, call)) print(*answer);
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
