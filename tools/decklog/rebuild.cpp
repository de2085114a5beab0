// `decklog rebuild VIEW|--all [--accept] [--back]`: folds the next build beside the live one,
// compares, flips; or goes back to the one before.
#include "tools/decklog/rebuild.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "projections/view.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/long_work.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

struct RebuildOptions {
    std::string view;
    bool all = false;
    bool accept = false;
    bool back = false;
};

std::string shown(const boost::json::object& object, std::string_view key) {
    return printable(text_of(object, key));
}

const boost::json::array& array_of(const boost::json::object& object, std::string_view key) {
    static const boost::json::array kNone;
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

void print_lines(const char* sign, const boost::json::object& difference, std::string_view rows,
                 std::string_view bytes) {
    const auto& printed = array_of(difference, rows);
    for (const auto& row : printed)
        std::printf("  %s %s\n", sign, printable(boost::json::serialize(row)).c_str());
    const std::string raw = shown(difference, bytes);
    if (printed.empty() && !raw.empty()) std::printf("  %s %s\n", sign, raw.c_str());
}

void print_differences(const boost::json::object& result) {
    const auto& differences = array_of(result, "differences");
    if (differences.empty()) return;
    std::printf("%s of %s rows differ; - before, + after\n",
                shown(result, "rowsThatDiffer").c_str(), shown(result, "rows").c_str());
    for (const auto& item : differences) {
        if (!item.is_object()) continue;
        const auto& difference = item.get_object();
        std::printf("row %s\n", shown(difference, "row").c_str());
        print_lines("-", difference, "before", "beforeBytes");
        print_lines("+", difference, "after", "afterBytes");
    }
}

void print_keys(const char* heading, const boost::json::array& keys) {
    for (const auto& item : keys) {
        if (!item.is_object()) continue;
        const auto& key = item.get_object();
        std::printf("%-16s %s from %s, events %s: %s\n", heading, shown(key, "key").c_str(),
                    shown(key, "position").c_str(), shown(key, "events").c_str(),
                    shown(key, "reason").c_str());
    }
}

void print_if_any(const boost::json::object& result, const char* key) {
    const std::string text = shown(result, key);
    if (!text.empty()) std::printf("%-16s %s\n", key, text.c_str());
}

/// What a build was compared with, and found.
void print_found(const boost::json::object& result) {
    print_differences(result);
    print_keys("folds now", array_of(result, "foldsNow"));
    print_keys("parked anew", array_of(result, "newlyParked"));
}

void print_instance(const boost::json::object& result) {
    for (const char* key : {"instance", "kept", "keptUntil"}) print_if_any(result, key);
}

/// Of a ledger of several partitions, each under its number.
void each_partition(const boost::json::object& result, std::string_view list,
                    void (*print)(const boost::json::object&)) {
    for (const auto& item : array_of(result, list)) {
        if (!item.is_object()) continue;
        print_if_any(item.get_object(), "partition");
        print(item.get_object());
    }
}

}  // namespace

std::vector<std::string> view_names() {
    std::vector<std::string> names;
    for (const projections::View* view : projections::all_views()) {
        const std::string name(view->name());
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    return names;
}

void print_rebuilt(const boost::json::object& result) {
    print_found(result);
    each_partition(result, "partitions", print_found);
    print_if_any(result, "view");
    print_instance(result);
    each_partition(result, "instances", print_instance);
    const auto* as_of = result.if_contains("asOf");
    if (as_of == nullptr || !as_of->is_object()) return;
    const std::string position = shown(as_of->get_object(), "position");
    std::printf("%-16s %s\n", "asOf", position.empty() ? "nothing yet" : position.c_str());
}

namespace {

void run_rebuild(Session& session, const RebuildOptions& options) {
    if (options.all == !options.view.empty())
        return session.fail(kUsage, "give one VIEW, or --all");
    const auto backend = session.backend();
    if (!backend) return;
    for (const std::string& view : view_names()) {
        if (!options.all && options.view != view) continue;
        Call call{.method = "POST", .path = "/api/views/" + view + "/rebuild"};
        if (options.accept) call.query.emplace_back("accept", "true");
        if (options.back) call.query.emplace_back("back", "true");
        run_long_work(session, *backend, call,
                      (options.back ? "going back of " : "rebuild of ") + view, print_rebuilt);
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
    auto* accept = command->add_flag("--accept", options->accept,
                                     "take over although rows differ, or with newer logic");
    command
        ->add_flag("--back", options->back,
                   "no new build: the one that was live before takes over again")
        ->excludes(accept);
    command->callback([&session, options] { run_rebuild(session, *options); });
}

}  // namespace decklog::cli
