// `decklog level` and `decklog level raise N`: which event types the log may hold.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {
namespace {

void ask_and_print(Session& session, const Call& call) {
    const auto backend = session.backend();
    if (!backend) return;
    const auto answer = session.ask_for_object(*backend, call);
    if (!answer) return;
    std::printf("the log is at level %s", text_of(*answer, "level").c_str());
    if (const std::string known = text_of(*answer, "highestKnown"); !known.empty())
        std::printf("; this release knows levels up to %s", known.c_str());
    std::printf("\n");
}

void run_raise(Session& session, std::uint32_t level, bool is_forced) {
    boost::json::object order{{"level", level}};
    if (is_forced) order["force"] = true;
    ask_and_print(
        session,
        {.method = "POST", .path = "/api/admin/level", .body = boost::json::serialize(order)});
}

}  // namespace

void add_level(CLI::App& app, Session& session) {
    auto* level = app.add_subcommand("level", "which event types the log may hold");
    add_where(*level, session);
    auto* raise = level->add_subcommand(
        "raise", "let the log hold newer event types, once every node knows them");
    add_where(*raise, session);
    auto number = std::make_shared<std::uint32_t>(0);
    raise->add_option("level", *number, "the new level")->required()->check(problem_of_count, "");
    auto is_forced = std::make_shared<bool>(false);
    raise->add_flag("--force", *is_forced,
                    "although another node is silent or does not know the level");
    raise->callback([&session, number, is_forced] { run_raise(session, *number, *is_forced); });
    level->callback([&session, level] {
        if (!level->get_subcommands().empty()) return;
        ask_and_print(session, {.method = "GET", .path = "/api/admin/level"});
    });
}

}  // namespace decklog::cli
