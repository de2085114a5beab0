// `decklog rollout run`: acts on a verdict, in the operator's process, and keeps what it did.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/command_run.hpp"

namespace decklog::cli {
namespace {

void run_commands(Session& session, const RunOptions& options) {
    const auto commands = commands_of(session, "--exec", options.exec);
    if (!commands) return;
    const auto timeout = timeout_of(session, options.timeout);
    if (!timeout) return;
    const auto backend = session.backend();
    if (!backend) return;
    const auto rollout = ask_rollout(session, *backend, options.rollout);
    if (!rollout) return;
    CommandRun run(session, *backend, *rollout, *timeout, options.by);
    if (!run.run(*commands)) {
        return session.fail(kFailed, run.problem() + "; run " + run.id() + " goes no further",
                            {{"run", run.id()}, {"recorded", run.recorded()}});
    }
    if (session.json) {
        const boost::json::object end{
            {"ok", true}, {"run", run.id()}, {"recorded", run.recorded()}};
        std::printf("%s\n", boost::json::serialize(end).c_str());
    } else {
        std::printf("run %s: %u recorded, each ended with 0\n", run.id().c_str(), run.recorded());
    }
}

}  // namespace

void add_rollout_run(CLI::App& group, Session& session) {
    auto* run = group.add_subcommand("run", "run commands on a rollout, here, and record them");
    add_where(*run, session);
    auto options = std::make_shared<RunOptions>();
    add_run_options(*run, *options);
    run->callback([&session, options] { run_commands(session, *options); });
}

}  // namespace decklog::cli
