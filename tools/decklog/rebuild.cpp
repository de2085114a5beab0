// `decklog rebuild VIEW|--all`: folds the next build beside the live one, compares, flips.
#include "tools/decklog/long_work.hpp"

namespace decklog::cli {
namespace {

constexpr const char* kViews[] = {"rooms", "audit", "baselines"};

struct RebuildOptions {
    std::string view;
    bool all = false;
};

void run_rebuild(Session& session, const RebuildOptions& options) {
    if (options.all == !options.view.empty())
        return session.fail(kUsage, "give one VIEW, or --all");
    const auto backend = session.backend();
    if (!backend) return;
    for (const char* view : kViews) {
        if (!options.all && options.view != view) continue;
        run_long_work(session, *backend,
                      {.method = "POST", .path = std::string("/api/views/") + view + "/rebuild"},
                      std::string("rebuild of ") + view);
        if (session.exit_code != kOk) return;
    }
}

}  // namespace

void add_rebuild(CLI::App& app, Session& session) {
    auto* command =
        app.add_subcommand("rebuild", "fold a view anew beside the live one, compare, flip");
    add_where(*command, session);
    auto options = std::make_shared<RebuildOptions>();
    command->add_option("view", options->view, "the view")
        ->check(CLI::IsMember({"rooms", "audit", "baselines"}));
    command->add_flag("--all", options->all, "every view, one after the other");
    command->callback([&session, options] { run_rebuild(session, *options); });
}

}  // namespace decklog::cli
