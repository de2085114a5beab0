// `decklog audit`: the audit views.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/filters.hpp"
#include "tools/decklog/items.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

struct AuditOptions {
    Filters filters;
    std::string by = "platform";
    std::string window = "24h";
};

std::string cell(const boost::json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    return boost::json::serialize(value);
}

void run_audit(Session& session, const AuditOptions& options) {
    const auto backend = session.backend();
    if (!backend) return;
    Call call{.method = "GET",
              .path = "/api/audit",
              .query = {{"by", options.by}, {"window", options.window}},
              .view = "audit"};
    if (!options.filters.append_to(call, session)) return;
    AsOf as_of;
    std::vector<std::string> headings;
    std::vector<std::vector<std::string>> rows;
    const auto add_row = [&](const boost::json::object& counted) {
        std::vector<std::string> row;
        for (const auto& member : counted) {
            if (rows.empty()) headings.emplace_back(member.key());
            row.push_back(cell(member.value()));
        }
        rows.push_back(std::move(row));
    };
    const bool asked = for_each_row(session, *backend, call, add_row, &as_of);
    if (!asked || session.json) return;
    Table table(headings.empty() ? std::vector<std::string>{"nothing in this window"} : headings);
    for (auto& row : rows) table.add(std::move(row));
    table.print();
    std::fprintf(stderr, "as of %s, %s\n", printable(as_of.position).c_str(),
                 printable(as_of.time).c_str());
}

}  // namespace

void add_audit(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand("audit", "count audited actions over a window");
    add_where(*command, session);
    auto options = std::make_shared<AuditOptions>();
    command->add_option("--by", options->by, "platform, agent, conversation or action")
        ->check(CLI::IsMember({"platform", "agent", "conversation", "action"}))
        ->capture_default_str();
    command
        ->add_option("--window", options->window, "such as 45m, 24h or 7d, at most 366d; ends now")
        ->capture_default_str();
    options->filters.add_to(*command);
    command->callback([&session, options] { run_audit(session, *options); });
}

}  // namespace decklog::cli
