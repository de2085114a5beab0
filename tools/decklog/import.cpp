// `decklog import`: finds out what the file is and where it goes.
#include <filesystem>
#include <utility>

#include "store/import/export_line.hpp"
#include "tools/decklog/importing.hpp"
#include "tools/decklog/limits.hpp"

namespace decklog::cli {
namespace {

struct ImportOptions {
    std::string file;
};

/// nullopt: it cannot be read or holds nothing, and that is printed.
std::optional<BegunFile> begin(Session& session, const std::string& name) {
    auto reader = LineReader::open(name, kImportLineBytesMax);
    if (!reader) {
        session.fail(kFailed, reader.error().context);
        return std::nullopt;
    }
    BegunFile file{std::move(*reader), {}, false};
    constexpr std::size_t kFirstLines = 2;
    while (file.first.size() < kFirstLines) {
        auto line = file.lines.next();
        if (!line) {
            session.fail(kFailed, line.error().context);
            return std::nullopt;
        }
        if (!*line) break;
        file.first.push_back(std::move(**line));
    }
    if (file.first.empty()) {
        session.fail(kFailed, "the file is empty");
        return std::nullopt;
    }
    const auto first = store::read_export_line(file.first.front().text);
    file.is_full = first && first->kind == store::ExportLine::Kind::begin && first->is_full;
    return file;
}

void run_import(Session& session, const ImportOptions& options) {
    auto file = begin(session, options.file);
    if (!file) return;
    std::unique_ptr<Backend> backend = running_server(session.where);
    if (!backend && file->is_full && import_ledger(session, *file)) return;
    if (session.exit_code != kOk) return;
    if (!backend && !has_ledger(session.where.data)) {
        return session.fail(kFailed, "no ledger in '" + session.where.data +
                                         "'; only a full export (without filters) makes a new one");
    }
    if (!backend) backend = session.backend();
    if (backend) import_lines(session, *backend, *file);
}

}  // namespace

void add_import(CLI::App& app, Session& session) {
    auto* command = app.add_subcommand(
        "import", "a full export back into a new data directory, or lines in as events");
    add_where(*command, session);
    auto options = std::make_shared<ImportOptions>();
    command->add_option("file", options->file, "NDJSON; - is standard input")->required();
    command->footer(
        "A full export and a new or empty --data: every event comes back byte for byte, and the\n"
        "new ledger is held until `decklog adopt`. Into a ledger with events of its own the lines\n"
        "come in as outside events, as POST /api/events takes them; what only decklog writes is\n"
        "refused. Either way the same command can be repeated: nothing comes in twice. The vault\n"
        "is not part of an export.\n\n" +
        app.get_footer());
    command->callback([&session, options] { run_import(session, *options); });
}

}  // namespace decklog::cli
