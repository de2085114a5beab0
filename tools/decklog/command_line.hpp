// The `decklog` command line: one file a command, each adding itself to the parser and leaving its
// exit code here.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/decklog/backend.hpp"
#include "tools/decklog/exit_code.hpp"

namespace decklog::cli {

/// Shared by all commands of one run.
struct Session {
    Where where;
    bool json = false;
    int exit_code = kOk;

    /// The backend, or the printed reason and the exit code.
    [[nodiscard]] std::unique_ptr<Backend> backend();
    /// Calls and prints what went wrong; false when it did (exit_code is set).
    [[nodiscard]] bool ask(Backend& backend, const Call& call, const BodySink& sink,
                           Response& response);
    /// The answer as an object for people; with --json it is printed as it came instead. nullopt:
    /// nothing is left to do.
    [[nodiscard]] std::optional<boost::json::object> ask_for_object(Backend& backend,
                                                                    const Call& call);
    /// Prints `decklog: …` to stderr and keeps the code; with --json the first failure is an object
    /// on stdout too: {"ok":false, "error", "message", …}.
    void fail(int code, const std::string& text);
    /// The same with what else is known: its members stand in the object, before the text.
    void fail(int code, const std::string& text, const boost::json::object& failure);
    /// What a server refused.
    void refuse(const Response& response);

  private:
    bool is_told_ = false;
};

/// The one form of a refusal, whether it came as an answer or at the end of long work: `code:
/// message (field f, limit n)` of `{"error", "message" or "problem", "field"?, "limit"?}`.
[[nodiscard]] std::string refusal_text(const boost::json::object& refusal);
/// The refusal in an answer, with what to do where the answer does not say it; anything but JSON is
/// shown as its status.
[[nodiscard]] boost::json::object refusal_of(const Response& response);

/// A member as text; empty when there is none. Numbers, truths and lists as JSON.
[[nodiscard]] std::string text_of(const boost::json::object& object, std::string_view key);

/// Checks of options. Empty: it is one.
[[nodiscard]] std::string problem_of_count(const std::string& text);
[[nodiscard]] std::string problem_of_name(const std::string& text);

/// --data, --url, --token, --json.
void add_where(CLI::App& command, Session& session);

void add_serve(CLI::App& app, Session& session);
void add_events(CLI::App& app, Session& session);
void add_replay(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_rebuild(CLI::App& app, Session& session);
void add_backup(CLI::App& app, Session& session);
void add_restore(CLI::App& app, Session& session);
void add_copy(CLI::App& app, Session& session);
void add_adopt(CLI::App& app, Session& session);
void add_parked(CLI::App& app, Session& session);
void add_audit(CLI::App& app, Session& session);
void add_gate(CLI::App& app, Session& session);
void add_gate_check(CLI::App& group, Session& session);   // its check and status
void add_gate_replay(CLI::App& group, Session& session);  // its replay
void add_rollout(CLI::App& app, Session& session);
void add_rollout_run(CLI::App& group, Session& session);  // its run
void add_drill(CLI::App& app, Session& session);
void add_erase(CLI::App& app, Session& session);
void add_export(CLI::App& app, Session& session);
void add_import(CLI::App& app, Session& session);
void add_token(CLI::App& app, Session& session);
void add_level(CLI::App& app, Session& session);
void add_services(CLI::App& app, Session& session);
void add_preflight(CLI::App& app, Session& session);

/// The parser with every command; the manual page and the completions are made from it too.
/// `session` outlives it.
[[nodiscard]] std::unique_ptr<CLI::App> make_commands(Session& session);

/// Parses and runs; returns the exit code of contract §1. No exception leaves it.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace decklog::cli
