#include "tools/decklog/command_line.hpp"

#include <curl/curl.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>

#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

/// `{"error", "message", "field"?, "limit"?}` as one line for a person; anything else is shown as
/// its status.
std::string refusal_text(const Response& response) {
    boost::system::error_code error;
    const auto value = boost::json::parse(response.body, error);
    if (error || !value.is_object())
        return "the server answered " + std::to_string(response.status);
    const auto& object = value.get_object();
    const auto text = [&object](std::string_view key) -> std::string {
        const auto* found = object.if_contains(key);
        return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                      : std::string();
    };
    std::string line = text("error");
    if (const std::string message = text("message"); !message.empty()) line += ": " + message;
    if (const std::string field = text("field"); !field.empty()) line += " (field " + field + ")";
    return printable(line);
}

}  // namespace

void Session::fail(int code, const std::string& text) {
    std::fprintf(stderr, "decklog: %s\n", text.c_str());
    exit_code = code;
}

std::unique_ptr<Backend> Session::backend() {
    auto chosen = choose_backend(where);
    if (chosen) return std::move(*chosen);
    const domain::Error& error = chosen.error();
    const bool configuration = error.code == domain::ErrorCode::invalid_argument ||
                               error.code == domain::ErrorCode::other_format;
    fail(configuration ? kConfig : kFailed, error.context);
    return nullptr;
}

bool Session::ask(Backend& backend, const Call& call, const BodySink& sink, Response& response) {
    auto answer = backend.call(call, sink);
    if (!answer) {
        fail(kUnreachable, answer.error().context);
        return false;
    }
    response = std::move(*answer);
    if (response.status < 300) return true;
    fail(kFailed, refusal_text(response));
    return false;
}

void add_where(CLI::App& command, Session& session) {
    command.add_option("--data", session.where.data, "data directory")
        ->envname("DECKLOG_DATA")
        ->capture_default_str();
    command
        .add_option("--url", session.where.url,
                    "ask this server instead of the one that owns --data")
        ->envname("DECKLOG_URL");
    command
        .add_option("--token", session.where.token, "API token for --url (better: DECKLOG_TOKEN)")
        ->envname("DECKLOG_TOKEN");
    command.add_flag("--json", session.json, "one JSON object a line");
}

std::unique_ptr<CLI::App> make_commands(Session& session) {
    auto commands =
        std::make_unique<CLI::App>("decklog: the deck log for chat operations", "decklog");
    CLI::App& app = *commands;
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("decklog ") + DECKLOG_VERSION);
    app.footer(
        "Exit codes: 0 ok, 1 failed or refused, 64 usage, 69 not reachable, 78 bad configuration.");
    add_serve(app, session);
    add_events(app, session);
    add_replay(app, session);
    add_verify(app, session);
    add_rebuild(app, session);
    add_parked(app, session);
    add_audit(app, session);
    add_backup(app, session);
    add_restore(app, session);
    add_adopt(app, session);
    add_erase(app, session);
    add_export(app, session);
    add_import(app, session);
    add_token(app, session);
    add_level(app, session);
    return commands;
}

int run(int argc, const char* const* argv) {
    Session session;
    const auto commands = make_commands(session);
    CLI::App& app = *commands;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kOk : kUsage;
    } catch (const std::exception& error) {
        session.fail(kFailed, error.what());
    }
    curl_global_cleanup();
    const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    if (session.exit_code == kOk && !is_written)
        session.fail(kFailed, "the output could not be written");
    return session.exit_code;
}

}  // namespace decklog::cli
