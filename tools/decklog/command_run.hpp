// A run: commands of the operator, one after the other in children of this process, each recorded
// with its rollout as soon as it has ended. What the log knows reaches a command only as variables
// (DECKLOG_ROLLOUT, DECKLOG_RELEASE, DECKLOG_VERDICT); secrets of this process reach it not at all
// and are masked wherever they would show up. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/decklog/child_process.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/secrets.hpp"

namespace decklog::cli {

using Words = std::vector<std::string>;

struct RunOptions {
    std::string rollout;
    std::vector<std::string> exec;
    std::string timeout = "30m";  // of each command
    std::string by;               // whose run it is; empty: the token's
};
/// --rollout, --exec, --timeout, --operator.
void add_run_options(CLI::App& command, RunOptions& options);
/// --operator, which only names somebody: the token is recorded beside it.
void add_operator_option(CLI::App& command, std::string& by);

/// The commands of an option in words, all of them before any is run. nullopt: a usage error, told.
[[nodiscard]] std::optional<std::vector<Words>> commands_of(Session& session, const char* option,
                                                            const std::vector<std::string>& texts);
/// nullopt: a usage error, told.
[[nodiscard]] std::optional<std::chrono::microseconds> timeout_of(Session& session,
                                                                  const std::string& text);

struct RolloutFacts {
    std::string id, release, verdict;  // the verdict that counts now
};
/// nullopt: there is none, or nobody answers; told.
[[nodiscard]] std::optional<RolloutFacts> ask_rollout(Session& session, Backend& backend,
                                                      const std::string& id);

class CommandRun {
  public:
    /// All of them outlive the run.
    CommandRun(Session& session, Backend& backend, RolloutFacts rollout,
               std::chrono::microseconds timeout, std::string by);

    /// Runs and records until one fails, cannot be recorded, or ctrl-c comes; what is shown goes to
    /// stdout, with --json to stderr. True: every one ended with 0 and is recorded. False: why it
    /// went no further stands in `problem`.
    [[nodiscard]] bool run(const std::vector<Words>& commands);

    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] std::uint32_t recorded() const { return recorded_; }
    /// False: the log lacks a command that ran.
    [[nodiscard]] bool is_whole() const { return is_whole_; }
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// Of all commands so far, as recorded.
    [[nodiscard]] const std::string& output() const { return output_; }

  private:
    [[nodiscard]] bool run_one(const Words& words);
    [[nodiscard]] bool record(boost::json::object command);
    void show(std::string_view text);
    void end_line();

    Session& session_;
    Backend& backend_;
    RolloutFacts rollout_;
    std::chrono::microseconds timeout_;
    std::string by_, id_;
    Environment environment_;
    SecretMask mask_;
    Interruptions interruptions_;
    std::uint32_t recorded_ = 0;
    bool is_whole_ = true, is_in_line_ = false;
    std::string problem_, output_;
};

}  // namespace decklog::cli
