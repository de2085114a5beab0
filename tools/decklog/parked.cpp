// `decklog parked list|retry`: the keys of views that are incomplete because an event could not be
// folded, and folding them again.
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "tools/decklog/items.hpp"
#include "tools/decklog/long_work.hpp"
#include "tools/decklog/rebuild.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

std::vector<std::string> chosen(const std::string& view) {
    return view.empty() ? view_names() : std::vector<std::string>{view};
}

void run_list(Session& session, const std::string& only) {
    const auto backend = session.backend();
    if (!backend) return;
    Table table({"VIEW", "KEY", "SINCE", "EVENTS", "REASON"});
    for (const std::string& view : chosen(only)) {
        const bool asked =
            for_each_item(session, *backend,
                          {.method = "GET", .path = "/api/views/" + view + "/parked", .view = view},
                          0, [&](std::string_view item) {
                              boost::system::error_code error;
                              auto value = boost::json::parse(item, error);
                              if (error || !value.is_object()) return;
                              auto& parked = value.get_object();
                              if (session.json) {
                                  parked["view"] = view;
                                  std::printf("%s\n", boost::json::serialize(parked).c_str());
                                  return;
                              }
                              table.add({view, text_of(parked, "key"), text_of(parked, "position"),
                                         text_of(parked, "events"), text_of(parked, "reason")});
                          });
        if (!asked) return;
    }
    if (session.json) return;
    if (table.empty()) {
        std::printf("nothing is parked\n");
    } else {
        table.print();
    }
}

void run_retry(Session& session, const std::string& only) {
    const auto backend = session.backend();
    if (!backend) return;
    for (const std::string& view : chosen(only)) {
        run_long_work(session, *backend,
                      {.method = "POST", .path = "/api/views/" + view + "/parked/retry"},
                      "retry of " + view, print_rebuilt);
        if (session.exit_code != kOk) return;
    }
}

void add_one(CLI::App& parked, Session& session, const char* name, const char* what,
             void (*run)(Session&, const std::string&)) {
    auto* command = parked.add_subcommand(name, what);
    add_where(*command, session);
    auto view = std::make_shared<std::string>();
    command->add_option("view", *view, "one view; all of them unless given")
        ->check(CLI::IsMember(view_names()));
    command->callback([&session, view, run] { run(session, *view); });
}

}  // namespace

void add_parked(CLI::App& app, Session& session) {
    auto* parked = app.add_subcommand("parked", "keys that are incomplete in a view");
    parked->require_subcommand(1);
    add_one(*parked, session, "list", "what is parked, since where and why", run_list);
    add_one(*parked, session, "retry", "fold it again with this build", run_retry);
}

}  // namespace decklog::cli
