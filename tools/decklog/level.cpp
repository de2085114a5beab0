// `decklog level` and `decklog level raise N`: which event types the log may hold.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {
namespace {

std::int64_t number_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void ask_and_print(Session& session, const Call& call) {
    const auto backend = session.backend();
    if (!backend) return;
    Response response;
    if (!session.ask(*backend, call, nullptr, response)) return;
    if (session.json) {
        std::printf("%s\n", response.body.c_str());
        return;
    }
    boost::system::error_code error;
    const auto answer = boost::json::parse(response.body, error);
    if (error || !answer.is_object()) {
        session.fail(kFailed, "the server's answer is not JSON");
        return;
    }
    const auto& object = answer.get_object();
    std::printf("the log is at level %lld", static_cast<long long>(number_at(object, "level")));
    if (const std::int64_t known = number_at(object, "highestKnown"); known != 0) {
        std::printf("; this release knows levels up to %lld", static_cast<long long>(known));
    }
    std::printf("\n");
}

void run_raise(Session& session, std::uint32_t level) {
    ask_and_print(session, {.method = "POST",
                            .path = "/api/admin/level",
                            .body = boost::json::serialize(boost::json::object{{"level", level}})});
}

}  // namespace

void add_level(CLI::App& app, Session& session) {
    auto* level = app.add_subcommand("level", "which event types the log may hold");
    add_where(*level, session);
    auto* raise = level->add_subcommand(
        "raise",
        "let the log hold newer event types, once every node runs this release; no way back");
    add_where(*raise, session);
    auto number = std::make_shared<std::uint32_t>(0);
    raise->add_option("level", *number, "the new level")->required()->check(CLI::PositiveNumber);
    raise->callback([&session, number] { run_raise(session, *number); });
    level->callback([&session, level] {
        if (!level->get_subcommands().empty()) return;
        ask_and_print(session, {.method = "GET", .path = "/api/admin/level"});
    });
}

}  // namespace decklog::cli
