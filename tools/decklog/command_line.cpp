#include "tools/decklog/command_line.hpp"

#include <curl/curl.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

constexpr int kUnauthorized = 401;

/// The code of what went wrong here and not in a server's answer.
const char* word_of(int exit_code) {
    switch (exit_code) {
        case kUsage:
            return "usage";
        case kUnreachable:
            return "unreachable";
        case kConfig:
            return "configuration";
        default:
            return "failed";
    }
}

/// Before the parser has read it: a line that cannot be parsed may hold it too.
bool asks_for_json(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--json") return true;
    }
    return false;
}

/// As short as it can be read back; the JSON library would write 0.001 as 1E-3.
std::string decimal(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// What a 403 says beside its code; empty: it names no roles.
std::string roles_wanted(const boost::json::object& refusal) {
    const auto* required = refusal.if_contains("requiredRoles");
    if (required == nullptr || !required->is_array()) return {};
    std::string roles;
    for (const auto& role : required->get_array()) {
        if (role.is_string())
            roles += (roles.empty() ? "" : " or ") + std::string(role.get_string());
    }
    if (roles.empty()) return {};
    const std::string current = text_of(refusal, "currentRole");
    return "this takes a token of the role " + roles +
           (current.empty() ? "" : "; this one's is " + current);
}

/// The parser asks for a command before it tells that it does not know the one that was given.
std::string usage_text(const CLI::App& app, const CLI::ParseError& error) {
    std::string unknown;
    for (const std::string& word : app.remaining(true))
        unknown.append(unknown.empty() ? "" : " ").append(word);
    const bool asks_for_more = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
    const std::string text = asks_for_more && !unknown.empty() ? "not known here: " + unknown
                                                               : std::string(error.what());
    return printable(text) + "; --help tells more";
}

}  // namespace

std::string text_of(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null()) return {};
    if (value->is_double()) return decimal(value->get_double());
    return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
}

std::string refusal_text(const boost::json::object& refusal) {
    std::string line = text_of(refusal, "error");
    for (const char* key : {"message", "problem"}) {
        const std::string text = text_of(refusal, key);
        if (!text.empty()) line.append(line.empty() ? "" : ": ").append(text);
    }
    if (const std::string roles = roles_wanted(refusal); !roles.empty()) line += ": " + roles;
    std::string more;
    for (const char* key : {"field", "limit"}) {
        const std::string text = text_of(refusal, key);
        if (!text.empty()) more.append(more.empty() ? "" : ", ").append(key).append(" " + text);
    }
    if (!more.empty()) line.append(" (").append(more).append(")");
    return printable(line);
}

boost::json::object refusal_of(const Response& response) {
    boost::system::error_code error;
    auto value = boost::json::parse(response.body, error);
    if (error || !value.is_object())
        return {{"message", "the server answered " + std::to_string(response.status)}};
    auto refusal = std::move(value.get_object());
    if (response.status == kUnauthorized && !refusal.contains("message")) {
        refusal["message"] =
            "give a token that this server knows with --token or DECKLOG_TOKEN; its first one "
            "stands in admin-token in its data directory";
    }
    return refusal;
}

std::string problem_of_count(const std::string& text) {
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool is_count = error == std::errc{} && end == text.data() + text.size() && count > 0;
    return is_count ? std::string() : "'" + printable(text) + "' is not a whole number from 1 on";
}

void Session::fail(int code, const std::string& text) { fail(code, text, {}); }

void Session::fail(int code, const std::string& text, const boost::json::object& failure) {
    exit_code = code;
    if (json && !std::exchange(is_told_, true)) {
        boost::json::object line{{"ok", false}, {"error", word_of(code)}, {"message", text}};
        for (const auto& member : failure) line[member.key()] = member.value();
        std::printf("%s\n", boost::json::serialize(line).c_str());
    }
    std::fprintf(stderr, "decklog: %s\n", text.c_str());
}

void Session::refuse(const Response& response) {
    const auto refusal = refusal_of(response);
    fail(kFailed, refusal_text(refusal), refusal);
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
    refuse(response);
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
    add_gate(app, session);
    add_rollout(app, session);
    add_drill(app, session);
    add_backup(app, session);
    add_restore(app, session);
    add_copy(app, session);
    add_adopt(app, session);
    add_erase(app, session);
    add_export(app, session);
    add_import(app, session);
    add_token(app, session);
    add_level(app, session);
    add_services(app, session);
    add_preflight(app, session);
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
        session.json = session.json || asks_for_json(argc, argv);
        session.fail(kUsage, usage_text(app, error));
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
