// `decklog events`: prints events in the log's order; --follow goes on with the live stream.
#include <boost/json.hpp>
#include <cstdio>

#include "tools/decklog/filters.hpp"
#include "tools/decklog/following.hpp"
#include "tools/decklog/items.hpp"
#include "tools/decklog/limits.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

struct EventsOptions {
    Filters filters;
    std::size_t limit = 0;
    bool follow = false;
};

/// Prints as JSON lines, or gathers rows into tables.
class Printer {
  public:
    explicit Printer(bool json) : json_(json), table_(headings()) {}
    ~Printer() { flush(); }
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;

    void print(std::string_view item) {
        if (json_) {
            std::printf("%.*s\n", static_cast<int>(item.size()), item.data());
            return;
        }
        boost::system::error_code error;
        const auto value = boost::json::parse(item, error);
        if (error || !value.is_object()) return;
        const auto& event = value.get_object();
        const std::string action = text_of(event, "action");
        std::string actor;
        if (const auto* object = event.if_contains("actor");
            object != nullptr && object->is_object()) {
            actor =
                text_of(object->get_object(), "type") + " " + text_of(object->get_object(), "id");
        }
        const std::string position = text_of(event, "position");
        table_.add({position.substr(position.find('.') + 1),
                    text_of(event, "occurredAt").substr(0, 19),
                    action.empty() ? text_of(event, "type") : action, text_of(event, "platform"),
                    actor, text_of(event, "conversation")});
        if (++rows_ >= kTableRows) flush();
    }
    void flush() {
        if (!json_ && !table_.empty()) table_.print();
        table_ = Table(headings());
        rows_ = 0;
        std::fflush(stdout);
    }

  private:
    static std::vector<std::string> headings() {
        return {"POSITION", "OCCURRED (UTC)", "ACTION", "PLATFORM", "ACTOR", "CONVERSATION"};
    }
    bool json_;
    Table table_;
    std::size_t rows_ = 0;
};

void run_events(Session& session, const EventsOptions& options) {
    auto backend = session.backend();
    if (!backend) return;
    Call call{.method = "GET", .path = "/api/events"};
    if (!options.filters.append_to(call, session)) return;
    if (options.follow && !backend->is_live()) {
        session.fail(kUnreachable,
                     "--follow needs a running server; none answers for this data directory");
        return;
    }
    Printer printer(session.json);
    AsOf as_of;
    if (!for_each_item(
            session, *backend, call, options.limit,
            [&](std::string_view item) { printer.print(item); }, &as_of))
        return;
    printer.flush();
    if (!options.follow) return;
    call.path = "/api/events/live";
    follow(session, std::move(backend), std::move(call), as_of.position,
           [&printer](std::string_view event) {
               printer.print(event);
               printer.flush();
           });
}

}  // namespace

void add_events(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand("events", "print events in the log's order");
    add_where(*command, session);
    auto options = std::make_shared<EventsOptions>();
    options->filters.add_to(*command);
    command->add_option("--limit", options->limit, "at most so many; all unless given")
        ->check(problem_of_count, "");
    command->add_flag("--follow", options->follow, "go on with what comes in, until interrupted");
    command->callback([&session, options] { run_events(session, *options); });
}

}  // namespace decklog::cli
