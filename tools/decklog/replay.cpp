// `decklog replay`: folds the log to any point and prints the view as it stood then.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <iterator>

#include "store/clock.hpp"
#include "tools/decklog/command_line.hpp"
#include "tools/decklog/lines.hpp"
#include "tools/decklog/terminal.hpp"
#include "tools/decklog/time_arg.hpp"

namespace decklog::cli {
namespace {

struct ReplayOptions {
    std::string view, at, from, to;
};

// Members of a row that a table has no place for; `--json` has them all. A room's id already says
// platform, account and conversation.
constexpr std::string_view kOnlyInJson[] = {"workspace",     "platform", "account", "conversation",
                                            "firstActivity", "members",  "messages"};

bool has_column(std::string_view view, std::string_view member) {
    return view != "rooms" || std::find(std::begin(kOnlyInJson), std::end(kOnlyInJson), member) ==
                                  std::end(kOnlyInJson);
}

/// Text as it is, times to the second, lists by their length, the rest as JSON.
std::string cell(const boost::json::value& value) {
    constexpr std::size_t kTimeWithMicros = 27;
    constexpr std::size_t kTimeToSeconds = 19;
    if (value.is_string()) {
        const std::string_view text = value.get_string();
        const bool time = text.size() == kTimeWithMicros && text[10] == 'T' && text.back() == 'Z';
        return std::string(time ? text.substr(0, kTimeToSeconds) : text);
    }
    if (value.is_array()) return std::to_string(value.get_array().size());
    return boost::json::serialize(value);
}

/// Rows of one view may differ in kind; a new set of members begins a new table.
class RowTables {
  public:
    explicit RowTables(std::string view) : view_(std::move(view)) {}
    void add(const boost::json::object& row) {
        std::vector<std::string> headings;
        std::vector<std::string> cells;
        for (const auto& member : row) {
            if (!has_column(view_, member.key())) continue;
            headings.emplace_back(member.key());
            cells.push_back(cell(member.value()));
        }
        if (headings != headings_) {
            flush();
            headings_ = headings;
            table_ = Table(std::move(headings));
        }
        table_.add(std::move(cells));
    }
    void flush() {
        if (table_.empty()) return;
        if (printed_) std::printf("\n");
        table_.print();
        printed_ = true;
        table_ = Table(headings_);
    }

  private:
    std::string view_;
    std::vector<std::string> headings_;
    Table table_{{}};
    bool printed_ = false;
};

void run_replay(Session& session, const ReplayOptions& options) {
    Call call{.method = "GET", .path = "/api/views/" + options.view, .lines = true};
    const std::pair<const char*, const std::string*> bounds[] = {
        {"at", &options.at}, {"from", &options.from}, {"to", &options.to}};
    for (const auto& [name, value] : bounds) {
        if (value->empty()) continue;
        auto time = absolute_time(*value, store::system_clock().now_us());
        if (!time)
            return session.fail(kUsage, std::string("--") + name + ": " + time.error().message);
        call.query.emplace_back(name, *time);
    }
    const auto backend = session.backend();
    if (!backend) return;
    RowTables tables(options.view);
    std::size_t rows = 0;
    std::string as_of;
    std::string problem;
    LineSplitter lines([&](std::string_view line) {
        boost::system::error_code error;
        // The first line may have grown spaces while the log was folded.
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const auto value = boost::json::parse(line, error);
        if (error || !value.is_object()) return;
        const auto& row = value.get_object();
        if (const auto* end = row.if_contains("asOf"); end != nullptr && end->is_object()) {
            const auto& place = end->get_object();
            as_of = cell(place.at("position")) + ", " + cell(place.at("time"));
            return;
        }
        if (const auto* why = row.if_contains("problem"); why != nullptr && row.contains("view")) {
            problem = printable(cell(*why));
            return;
        }
        ++rows;
        if (session.json) {
            std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
        } else {
            tables.add(row);
        }
    });
    const BodySink sink = [&lines](std::string_view piece) {
        lines.feed(piece);
        return true;
    };
    Response response;
    if (!session.ask(*backend, call, sink, response)) return;
    lines.finish();
    tables.flush();
    if (!problem.empty()) return session.fail(kFailed, problem);
    if (as_of.empty()) return session.fail(kUnreachable, "the replay was cut short");
    if (!session.json) std::fprintf(stderr, "%zu rows, as of %s\n", rows, as_of.c_str());
}

}  // namespace

void add_replay(CLI::App& app, Session& session) {
    auto* command =
        app.add_subcommand("replay", "fold the log to any point and print a view as it stood then");
    add_where(*command, session);
    auto options = std::make_shared<ReplayOptions>();
    command->add_option("--view", options->view, "rooms, audit, baselines, platforms, rollouts")
        ->required()
        ->check([](const std::string& name) {
            return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-") == std::string::npos
                       ? std::string()
                       : std::string("not a view name");
        });
    command->add_option("--at", options->at,
                        "a position, RFC 3339, or '1 minute ago'; the newest unless given");
    command->add_option("--from", options->from, "fold only from this position on");
    command->add_option("--to", options->to, "up to this position, inclusive");
    command->callback([&session, options] { run_replay(session, *options); });
}

}  // namespace decklog::cli
