// `decklog drill rollout|rollback`: tries a release's way in or back with the operator's commands,
// without impact, and writes what the log then knows of it as evidence.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>

#include "domain/rollout/limits.hpp"
#include "domain/time_text.hpp"
#include "store/clock.hpp"
#include "tools/decklog/command_run.hpp"
#include "tools/decklog/drill_markdown.hpp"
#include "tools/decklog/drill_snapshot.hpp"
#include "tools/decklog/evidence_file.hpp"
#include "tools/decklog/output_record.hpp"
#include "tools/decklog/terminal.hpp"
#include "tools/decklog/time_arg.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kHourMicros = std::int64_t{3'600} * 1'000'000;
constexpr std::int64_t kWindowHoursMax = 168;
constexpr int kForbidden = 403;
constexpr std::size_t kDateChars = 10;  // of an RFC 3339 time

struct DrillOptions {
    std::string kind;
    RunOptions run;
    std::string environment, revision, owner;
    std::vector<std::string> history;
    std::string window = "2h";
    std::string out = "docs/qa/evidence";
};

/// What is asked of a drill, once nothing in it can be wrong any more.
struct Drill {
    std::vector<Words> history, exec;
    std::chrono::microseconds timeout{};
    std::int64_t window_hours = 0;
};

std::optional<std::int64_t> window_of(Session& session, const std::string& text) {
    const auto length = duration_us(text);
    if (length && *length % kHourMicros == 0 && *length / kHourMicros <= kWindowHoursMax)
        return *length / kHourMicros;
    session.fail(kUsage, "--window: whole hours, 1h to 168h");
    return std::nullopt;
}

std::optional<Drill> read(Session& session, const DrillOptions& options) {
    const auto history = commands_of(session, "--history", options.history);
    if (!history) return std::nullopt;
    const auto exec = commands_of(session, "--exec", options.run.exec);
    if (!exec) return std::nullopt;
    const auto timeout = timeout_of(session, options.run.timeout);
    if (!timeout) return std::nullopt;
    const auto hours = window_of(session, options.window);
    if (!hours) return std::nullopt;
    return Drill{*history, *exec, *timeout, *hours};
}

domain::Result<Response> ask_snapshot(Backend& backend, std::int64_t hours) {
    return backend.call({.method = "GET",
                         .path = "/api/admin/observability",
                         .query = {{"windowHours", std::to_string(hours)}},
                         .view = "audit"});
}

/// Before any command: what could not pass is not begun. False: told.
bool may_see_snapshot(Session& session, Backend& backend, std::int64_t hours) {
    const auto answer = ask_snapshot(backend, hours);
    if (answer && answer->status == 200) return true;
    if (!answer) {
        session.fail(kUnreachable, answer.error().context);
        return false;
    }
    json::object refusal = refusal_of(*answer);
    const std::string why = refusal_text(refusal);
    refusal.erase("message");
    session.fail(kFailed,
                 (answer->status == kForbidden
                      ? "a drill wants an admin token, because of the observability snapshot: "
                      : "no observability snapshot: ") +
                     why + "; nothing was run",
                 refusal);
    return false;
}

/// The excerpt that is kept, if there is one, and why it is not enough for a pass.
std::optional<json::object> take_snapshot(Backend& backend, std::int64_t hours,
                                          std::string& problem) {
    const auto answer = ask_snapshot(backend, hours);
    if (!answer || answer->status != 200) {
        problem = "no snapshot: " +
                  (answer ? refusal_text(refusal_of(*answer)) : printable(answer.error().context));
        return std::nullopt;
    }
    auto excerpt = snapshot_excerpt(answer->body);
    if (!excerpt) {
        problem = "the snapshot lacks platforms, agents or conversations";
    } else if (const std::string empty = lists_without_rows(*excerpt); !empty.empty()) {
        problem = "the snapshot of " + std::to_string(hours) + (hours == 1 ? " hour" : " hours") +
                  " has no row " + empty;
    }
    return excerpt;
}

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

struct Result {
    std::string problem{};  // empty: passed
    std::string history{};
    std::optional<json::object> snapshot{};
    std::int64_t started_at_us = 0, ended_at_us = 0;
};

Result perform(CommandRun& run, Backend& backend, const Drill& drill) {
    Result result;
    result.started_at_us = store::system_clock().now_us();
    const bool has_history = run.run(drill.history);
    result.history = recordable(run.output(), domain::limits::kOutputBytesMax);
    if (has_history && !drill.history.empty() && is_blank(result.history)) {
        result.problem = "--history printed nothing";
    } else if (!has_history || !run.run(drill.exec)) {
        result.problem = run.problem();
    }
    if (!run.is_whole()) return result;
    std::string no_snapshot;
    result.snapshot = take_snapshot(backend, drill.window_hours, no_snapshot);
    if (result.problem.empty()) result.problem = no_snapshot;
    result.ended_at_us = std::max(result.started_at_us, store::system_clock().now_us());
    return result;
}

/// A drill that failed may be refused for another reason than the one that it failed for.
void tell_unrecorded(Session& session, const std::string& problem,
                     const domain::Result<Response>& answer) {
    const std::string failed = problem.empty() ? "" : "the drill failed: " + problem + "; ";
    if (!answer) return session.fail(kUnreachable, failed + answer.error().context);
    json::object refusal = refusal_of(*answer);
    const std::string why = refusal_text(refusal);
    refusal.erase("message");
    // The commands themselves are in the log: what is missing is who looks after the failure.
    const bool wants_owner = text_of(refusal, "error") == "owner_needed";
    session.fail(kFailed,
                 failed + "not recorded: " + why +
                     (wants_owner ? "; the commands ran and are recorded; name the owner with "
                                    "--follow-up-owner"
                                  : ""),
                 refusal);
}

bool record(Session& session, Backend& backend, const DrillOptions& options, const CommandRun& run,
            const Result& result) {
    json::object body{{"run", run.id()},
                      {"kind", options.kind},
                      {"environment", options.environment},
                      {"passed", result.problem.empty()},
                      {"startedAt", domain::to_rfc3339(result.started_at_us)},
                      {"endedAt", domain::to_rfc3339(result.ended_at_us)}};
    if (!options.run.by.empty()) body["operator"] = options.run.by;
    if (!options.owner.empty()) body["followUpOwner"] = options.owner;
    if (!result.history.empty()) body["history"] = result.history;
    if (!options.revision.empty()) body["revision"] = options.revision;
    if (result.snapshot) body["snapshot"] = *result.snapshot;
    const auto answer = backend.call({.method = "POST",
                                      .path = "/api/rollouts/" + options.run.rollout + "/drills",
                                      .body = json::serialize(body)});
    if (answer && answer->status < 300) return true;
    tell_unrecorded(session, result.problem, answer);
    return false;
}

/// The run as the log tells it.
std::optional<json::object> recorded_run(Session& session, Backend& backend,
                                         const std::string& rollout, const std::string& run) {
    Response response;
    if (!session.ask(backend,
                     {.method = "GET", .path = "/api/rollouts/" + rollout + "/runs/" + run},
                     nullptr, response))
        return std::nullopt;
    json::error_code error;
    json::value answer = json::parse(response.body, error);
    if (!error && answer.is_object()) return std::move(answer.get_object());
    session.fail(kFailed, "the server's answer is not JSON");
    return std::nullopt;
}

void tell(Session& session, const DrillOptions& options, const std::string& run,
          const std::string& problem, const std::string& file) {
    if (!problem.empty()) {
        return session.fail(kFailed, "the drill failed: " + problem + "; evidence: " + file,
                            {{"run", run}, {"passed", false}, {"evidence", file}});
    }
    if (session.json) {
        const json::object end{{"ok", true},
                               {"run", run},
                               {"kind", options.kind},
                               {"passed", true},
                               {"evidence", file}};
        std::printf("%s\n", json::serialize(end).c_str());
    } else {
        std::printf("%s drill passed, run %s\nevidence: %s\n", options.kind.c_str(), run.c_str(),
                    printable(file).c_str());
    }
}

void run_drill(Session& session, const DrillOptions& options) {
    const auto drill = read(session, options);
    if (!drill) return;
    const auto backend = session.backend();
    if (!backend) return;
    const auto rollout = ask_rollout(session, *backend, options.run.rollout);
    if (!rollout) return;
    if (!may_see_snapshot(session, *backend, drill->window_hours)) return;
    if (auto made = make_evidence_folder(options.out); !made)
        return session.fail(kFailed, made.error().context);
    CommandRun run(session, *backend, *rollout, drill->timeout, options.run.by);
    const Result result = perform(run, *backend, *drill);
    if (!run.is_whole()) return session.fail(kFailed, result.problem);
    if (!record(session, *backend, options, run, result)) return;
    const auto told = recorded_run(session, *backend, options.run.rollout, run.id());
    if (!told) return;
    const std::string date = domain::to_rfc3339(result.started_at_us).substr(0, kDateChars);
    const auto file =
        write_evidence(options.out, options.kind + "-drill-" + date, drill_markdown(*told));
    if (!file) return session.fail(kFailed, file.error().context);
    tell(session, options, run.id(), result.problem, file->string());
}

void add_kind(CLI::App& group, Session& session, const char* kind, const char* what) {
    auto* command = group.add_subcommand(kind, what);
    add_where(*command, session);
    auto options = std::make_shared<DrillOptions>();
    options->kind = kind;
    add_run_options(*command, options->run);
    command->add_option("--environment", options->environment, "where it is tried")
        ->required()
        ->check(problem_of_name, "");
    command->add_option("--follow-up-owner", options->owner,
                        "who follows up when it fails; without one a failed drill is refused");
    command
        ->add_option("--window", options->window,
                     "of the observability snapshot (it wants an admin token)")
        ->capture_default_str();
    command->add_option("--out", options->out, "folder of the evidence, made if missing")
        ->capture_default_str();
    if (options->kind == "rollback") {
        command
            ->add_option("--history", options->history,
                         "a command that prints the revisions; runs before --exec, repeats")
            ->required()
            ->allow_extra_args(false);
        command->add_option("--revision", options->revision, "the revision to go back to")
            ->required()
            ->check(problem_of_name, "");
    }
    command->callback([&session, options] { run_drill(session, *options); });
}

}  // namespace

void add_drill(CLI::App& app, Session& session) {
    auto* group = app.add_subcommand("drill", "try the way in or back, and keep the evidence");
    group->require_subcommand(1);
    add_kind(*group, session, "rollout", "the way in: status commands and a snapshot");
    add_kind(*group, session, "rollback", "the way back to a chosen revision");
}

}  // namespace decklog::cli
