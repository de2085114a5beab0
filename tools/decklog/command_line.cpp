#include "tools/decklog/command_line.hpp"

#include <curl/curl.h>

#include <boost/json.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
std::string text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return {};
    return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

std::string refusal_text(const boost::json::object& refusal) {
    std::string line = text_of(refusal, "error");
    for (const char* key : {"message", "problem"}) {
        const std::string text = text_of(refusal, key);
        if (!text.empty()) line.append(line.empty() ? "" : ": ").append(text);
    }
    std::string more;
    for (const char* key : {"field", "limit"}) {
        const std::string text = text_of(refusal, key);
        if (!text.empty()) more.append(more.empty() ? "" : ", ").append(key).append(" " + text);
    }
    if (!more.empty()) line.append(" (").append(more).append(")");
    return printable(line);
}

std::string refusal_text(const Response& response) {
    boost::system::error_code error;
    const auto value = boost::json::parse(response.body, error);
    if (error || !value.is_object())
        return "the server answered " + std::to_string(response.status);
    return refusal_text(value.get_object());
}

std::string problem_of_count(const std::string& text) {
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool is_count = error == std::errc{} && end == text.data() + text.size() && count > 0;
    return is_count ? std::string() : "'" + printable(text) + "' is not a whole number from 1 on";
}

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

std::optional<boost::json::object> Session::ask_for_object(Backend& backend, const Call& call) {
    Response response;
    if (!ask(backend, call, nullptr, response)) return std::nullopt;
    if (json) {
        std::printf("%s\n", response.body.empty() ? "{}" : response.body.c_str());
        return std::nullopt;
    }
    boost::system::error_code error;
    auto answer = boost::json::parse(response.body, error);
    if (!error && answer.is_object()) return std::move(answer.get_object());
    fail(kFailed, "the server's answer is not JSON");
    return std::nullopt;
}

void add_where(CLI::App& command, Session& session) {
    command.add_option("--data", session.where.data, "data directory")
        ->envname("DECKLOG_DATA")
        ->capture_default_str();
    command
        .add_option("--url", session.where.url,
                    "ask this server instead of the one that owns --data")
        ->check([](const std::string& text) { return problem_of_url(text); }, "")
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
        if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
        session.fail(kUsage, printable(error.what()) + "; --help tells more");
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
