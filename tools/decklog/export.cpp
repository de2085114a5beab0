// `decklog export`: the log as NDJSON, into a file that appears when it is whole, or into a pipe.
#include <boost/json.hpp>
#include <charconv>
#include <cstdio>
#include <optional>

#include "tools/decklog/command_line.hpp"
#include "tools/decklog/filters.hpp"
#include "tools/decklog/lines.hpp"
#include "tools/decklog/terminal.hpp"
#include "tools/decklog/whole_file.hpp"

namespace decklog::cli {
namespace {

struct ExportOptions {
    std::string file = "-";
    Filters filters;
    bool personal = false;
};

/// The ordinal behind `…0:` in a cursor; nullopt: not a cursor.
std::optional<std::uint64_t> ordinal_in(std::string_view cursor) {
    const auto colon = cursor.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::uint64_t ordinal = 0;
    const auto [end, error] =
        std::from_chars(cursor.data() + colon + 1, cursor.data() + cursor.size(), ordinal);
    if (error != std::errc{}) return std::nullopt;
    return ordinal;
}

/// Follows the lines on their way to the file.
class Following {
  public:
    explicit Following(WholeFile& file) : file_(file), progress_("export") {}

    /// False: it cannot be written.
    bool take(std::string_view line) {
        constexpr std::string_view kOwn = "{\"export\":";
        constexpr std::string_view kEvent = "{\"position\":\"";
        if (line.empty()) return true;  // a sign of life
        if (line.starts_with(kOwn) && !take_own(line)) return true;
        if (line.starts_with(kEvent)) {
            const auto ordinal = ordinal_in(line.substr(kEvent.size(), kCursorBytesMax));
            if (ordinal) progress_.show(*ordinal + 1, total_);
        }
        out_.append(line).append("\n");
        return out_.size() < kWriteBytes || flush();
    }
    bool flush() {
        const auto written = file_.write(out_);
        out_.clear();
        if (!written) problem_ = written.error().context;
        return written.has_value();
    }
    [[nodiscard]] bool is_whole() const { return is_whole_ && problem_.empty(); }
    [[nodiscard]] const std::string& problem() const { return problem_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] std::uint64_t opened() const { return opened_; }

  private:
    static constexpr std::size_t kWriteBytes = 1U << 20U;
    static constexpr std::size_t kCursorBytesMax = 64;

    /// False: the line is not for the file.
    bool take_own(std::string_view line) {
        boost::system::error_code error;
        const auto value = boost::json::parse(line, error);
        if (error || !value.is_object()) return true;
        const auto& own = value.get_object();
        const auto text = [&own](std::string_view key) {
            const auto* found = own.if_contains(key);
            return found != nullptr && found->is_string() ? std::string(found->get_string())
                                                          : std::string();
        };
        const auto number = [&own](std::string_view key) {
            const auto* found = own.if_contains(key);
            boost::system::error_code odd;
            return found == nullptr ? 0 : found->to_number<std::uint64_t>(odd);
        };
        if (text("export") == "failed") {
            problem_ = text("error") + ": " + text("message");
            return false;
        }
        if (text("export") == "end") {
            is_whole_ = true;
            events_ = number("events");
            opened_ = number("opened");
        } else if (const auto* as_of = own.if_contains("asOf");
                   as_of != nullptr && as_of->is_object()) {
            const auto* head = as_of->get_object().if_contains("position");
            if (head != nullptr && head->is_string())
                total_ = ordinal_in(head->get_string()).value_or(0) + 1;
        }
        return true;
    }

    WholeFile& file_;
    Progress progress_;
    std::string out_;
    std::string problem_;
    std::uint64_t total_ = 0, events_ = 0, opened_ = 0;
    bool is_whole_ = false;
};

/// False: it failed, and the reason is printed.
bool write_export(Session& session, Backend& backend, const Call& call, WholeFile& file) {
    Following following(file);
    bool writable = true;
    LineSplitter lines([&](std::string_view line) { writable = writable && following.take(line); });
    const BodySink sink = [&](std::string_view piece) {
        lines.feed(piece);
        return writable;
    };
    Response response;
    if (!session.ask(backend, call, sink, response)) return false;
    lines.finish();
    writable = writable && following.flush();
    if (!following.problem().empty()) {
        session.fail(kFailed, printable(following.problem()));
    } else if (!following.is_whole()) {
        session.fail(kUnreachable, "the export was cut short");
    } else {
        std::fprintf(stderr, "%s events exported%s\n", grouped(following.events()).c_str(),
                     following.opened() == 0
                         ? ""
                         : (", " + grouped(following.opened()) + " sealed parts opened").c_str());
    }
    return session.exit_code == kOk;
}

void run_export(Session& session, const ExportOptions& options) {
    Call call{.method = "GET", .path = "/api/admin/export"};
    if (!options.filters.append_to(call, session)) return;
    if (options.personal) call.query.emplace_back("personal", "true");
    const auto backend = session.backend();
    if (!backend) return;
    auto file = WholeFile::begin(options.file);
    if (!file) return session.fail(kFailed, file.error().context);
    if (!write_export(session, *backend, call, *file)) return;
    if (const auto kept = file->keep(); !kept) session.fail(kFailed, kept.error().context);
}

}  // namespace

void add_export(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand(
        "export", "the log as NDJSON; without filters import brings it back whole");
    add_where(*command, session);
    auto options = std::make_shared<ExportOptions>();
    command->add_option("file", options->file, "where to; - is standard output")
        ->capture_default_str();
    options->filters.add_to(*command);
    command->add_flag("--personal", options->personal,
                      "open sealed parts; the log records who read them");
    command->footer(
        "Every line is one JSON object, with and without --json. The vault is never part of an\n"
        "export: keep it with `decklog backup --vault FILE`.\n\n" +
        app.get_footer());
    command->callback([&session, options] { run_export(session, *options); });
}

}  // namespace decklog::cli
