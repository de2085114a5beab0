#include "tools/decklog/command_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "domain/ids.hpp"
#include "domain/rollout/limits.hpp"
#include "domain/text.hpp"
#include "domain/time_text.hpp"
#include "store/clock.hpp"
#include "tools/decklog/command_words.hpp"
#include "tools/decklog/output_record.hpp"
#include "tools/decklog/time_arg.hpp"

extern char** environ;

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kRunIdBytes = 8;

std::string new_run_id() {
    std::array<std::uint8_t, kRunIdBytes> bytes{};
    store::system_random().fill(bytes);
    return domain::to_hex(bytes);
}

void set(Environment& environment, const std::string& name, const std::string& value) {
    std::erase_if(environment.kept, [&name](const std::string& variable) {
        return variable.starts_with(name + "=");
    });
    environment.kept.push_back(name + "=" + value);
}

Environment environment_for(const RolloutFacts& rollout) {
    std::vector<std::string> variables;
    for (char** each = environ; *each != nullptr; ++each) variables.emplace_back(*each);
    Environment environment = without_secrets(variables);
    set(environment, "DECKLOG_ROLLOUT", rollout.id);
    set(environment, "DECKLOG_RELEASE", rollout.release);
    set(environment, "DECKLOG_VERDICT", rollout.verdict);
    return environment;
}

std::vector<std::string> all_secrets(const Environment& environment, const std::string& token) {
    std::vector<std::string> secrets = environment.secrets;
    secrets.push_back(token);
    return secrets;
}

std::string why_it_stopped(std::uint32_t number, const ChildResult& result) {
    const std::string command = "command " + std::to_string(number);
    if (result.end == ChildEnd::timed_out) return command + " was ended: it took too long";
    if (result.end == ChildEnd::interrupted) return command + " was interrupted";
    return command + " ended with " + std::to_string(result.exit_code);
}

}  // namespace

void add_run_options(CLI::App& command, RunOptions& options) {
    command.add_option("--rollout", options.rollout, "the rollout")
        ->required()
        ->check(problem_of_name, "");
    command
        .add_option("--exec", options.exec,
                    "a command, split into words without a shell; repeats, until one fails")
        ->required()
        ->allow_extra_args(false);
    command.add_option("--timeout", options.timeout, "of each command")->capture_default_str();
    add_operator_option(command, options.by);
}

void add_operator_option(CLI::App& command, std::string& by) {
    const auto problem = [](const std::string& name) {
        return domain::is_outside_id(name)
                   ? std::string()
                   : std::string("1-200 bytes of text without control characters");
    };
    command
        .add_option("--operator", by,
                    "who does it, in the log for good; the token's name unless given, which is "
                    "recorded anyway")
        ->check(problem, "");
}

std::optional<std::vector<Words>> commands_of(Session& session, const char* option,
                                              const std::vector<std::string>& texts) {
    std::vector<Words> commands;
    if (texts.size() > domain::limits::kRunCommandsMax) {
        session.fail(kUsage, std::string(option) + ": a run has at most 1000 commands");
        return std::nullopt;
    }
    for (const std::string& text : texts) {
        auto words = split_words(text);
        if (!words) {
            session.fail(kUsage, std::string(option) + ": " + words.error().message);
            return std::nullopt;
        }
        commands.push_back(*std::move(words));
    }
    return commands;
}

std::optional<std::chrono::microseconds> timeout_of(Session& session, const std::string& text) {
    const auto length = duration_us(text);
    if (length) return std::chrono::microseconds(*length);
    session.fail(kUsage, "--timeout: " + length.error().message);
    return std::nullopt;
}

std::optional<RolloutFacts> ask_rollout(Session& session, Backend& backend, const std::string& id) {
    Response response;
    if (!session.ask(backend, {.method = "GET", .path = "/api/rollouts/" + id}, nullptr, response))
        return std::nullopt;
    json::error_code error;
    const json::value answer = json::parse(response.body, error);
    if (error || !answer.is_object()) {
        session.fail(kFailed, "the server's answer is not JSON");
        return std::nullopt;
    }
    RolloutFacts facts{id, text_of(answer.get_object(), "release"), {}};
    const auto* standing = answer.get_object().if_contains("standing");
    if (standing != nullptr && standing->is_object())
        facts.verdict = text_of(standing->get_object(), "verdict");
    return facts;
}

CommandRun::CommandRun(Session& session, Backend& backend, RolloutFacts rollout,
                       std::chrono::microseconds timeout, std::string by)
    : session_(session),
      backend_(backend),
      rollout_(std::move(rollout)),
      timeout_(timeout),
      by_(std::move(by)),
      id_(new_run_id()),
      environment_(environment_for(rollout_)),
      mask_(all_secrets(environment_, session.where.token)) {}

bool CommandRun::run(const std::vector<Words>& commands) {
    for (const Words& words : commands) {
        if (Interruptions::came()) {
            problem_ = "interrupted";
            return false;
        }
        if (!run_one(words)) return false;
    }
    return true;
}

bool CommandRun::run_one(const Words& words) {
    Words shown;
    for (const std::string& word : words)
        shown.push_back(recordable(mask_.whole(word), domain::limits::kCommandWordBytesMax));
    show("$ " + command_line_of(shown) + "\n");
    OutputRecord record_of(domain::limits::kOutputBytesMax);
    const auto take = [&](const std::string& text) {
        show(text);
        record_of.add(text);
    };
    const std::int64_t started_at_us = store::system_clock().now_us();
    const ChildResult result = run_child({words, environment_.kept, timeout_},
                                         [&](std::string_view text) { take(mask_.feed(text)); });
    take(mask_.finish());
    end_line();
    const std::uint32_t number = recorded_ + 1;
    const std::string output = record_of.text();
    output_ += output;
    json::object command{
        {"run", id_},
        {"number", number},
        {"words", json::value_from(shown)},
        {"exitCode", result.exit_code},
        {"output", output},
        {"cut", record_of.is_cut()},
        {"startedAt", domain::to_rfc3339(started_at_us)},
        {"endedAt", domain::to_rfc3339(std::max(started_at_us, store::system_clock().now_us()))}};
    if (!by_.empty()) command["operator"] = by_;
    if (result.exit_code != 0) problem_ = why_it_stopped(number, result);
    return record(std::move(command)) && result.exit_code == 0;
}

bool CommandRun::record(json::object command) {
    const auto answer = backend_.call({.method = "POST",
                                       .path = "/api/rollouts/" + rollout_.id + "/commands",
                                       .body = json::serialize(command)});
    if (answer && answer->status < 300) {
        ++recorded_;
        if (session_.json) std::printf("%s\n", json::serialize(command).c_str());
        return true;
    }
    is_whole_ = false;
    problem_ = "command " + text_of(command, "number") + " ended with " +
               text_of(command, "exitCode") + ", but could not be recorded: " +
               (answer ? refusal_text(refusal_of(*answer)) : answer.error().context);
    return false;
}

/// What is ours begins on a line of its own; only what is shown has it, not what is recorded.
void CommandRun::end_line() {
    if (is_in_line_) show("\n");
}

void CommandRun::show(std::string_view text) {
    if (text.empty()) return;
    is_in_line_ = !text.ends_with('\n');
    std::FILE* const to = session_.json ? stderr : stdout;
    std::fwrite(text.data(), 1, text.size(), to);
    std::fflush(to);
}

}  // namespace decklog::cli
