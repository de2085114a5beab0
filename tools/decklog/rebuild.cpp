// `decklog rebuild VIEW|--all`: folds the next build beside the live one, compares, flips.
#include <string>
#include <vector>

#include "projections/view.hpp"
#include "tools/decklog/long_work.hpp"

namespace decklog::cli {
namespace {

std::vector<std::string> view_names() {
    std::vector<std::string> names;
    for (const projections::View* view : projections::all_views()) names.emplace_back(view->name());
    return names;
}

struct RebuildOptions {
    std::string view;
    bool all = false;
};

void run_rebuild(Session& session, const RebuildOptions& options) {
    if (options.all == !options.view.empty())
        return session.fail(kUsage, "give one VIEW, or --all");
    const auto backend = session.backend();
    if (!backend) return;
    for (const std::string& view : view_names()) {
        if (!options.all && options.view != view) continue;
        run_long_work(session, *backend,
                      {.method = "POST", .path = "/api/views/" + view + "/rebuild"},
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
    command->add_option("view", options->view, "the view")->check(CLI::IsMember(view_names()));
    command->add_flag("--all", options->all, "every view, one after the other");
    command->callback([&session, options] { run_rebuild(session, *options); });
}

}  // namespace decklog::cli
