// A full export into a data directory of its own, under its LOCK.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "api/exporting/line_check.hpp"
#include "domain/ids.hpp"
#include "store/clock.hpp"
#include "store/directory/directory.hpp"
#include "store/disk_room.hpp"
#include "store/import/full_import.hpp"
#include "store/import/import_directory.hpp"
#include "store/log.hpp"
#include "tools/decklog/disk_rule.hpp"
#include "tools/decklog/importing.hpp"
#include "tools/decklog/limits.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

using domain::ErrorCode;

/// Nothing of anybody's: hidden files, a volume's lost+found and a LOCK left by a start that got no
/// further do not count.
bool holds_nothing(const std::filesystem::path& root) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.starts_with(".") && name != "lost+found" && name != "LOCK") return false;
    }
    return !error;
}

void fail(Session& session, const domain::Error& error) {
    session.fail(error.code == ErrorCode::other_format ? kConfig : kFailed, error.context);
}

/// Is the ledger that is there another one than the file's? The file's first event tells.
domain::Result<bool> is_of_another(const store::ImportDirectory& directory, const BegunFile& file) {
    const auto is_ledger = directory.is_ledger();
    if (!is_ledger || !*is_ledger) return is_ledger;
    const auto event = store::read_export_line(file.first.back().text);
    if (!event || !event->frame) return true;
    const auto same = directory.begins_with(*event->frame);
    if (!same) return tl::unexpected(same.error());
    return !*same;
}

domain::Result<store::Imported> run_import(store::ImportDirectory& directory, BegunFile& file) {
    const auto begin = store::read_export_line(file.first.front().text);
    const std::size_t partitions = begin ? begin->partitions.size() : 1;
    if (auto admitted = directory.expect_partitions(static_cast<std::uint32_t>(partitions));
        !admitted)
        return tl::unexpected(std::move(admitted).error());
    Progress progress("import");
    store::FullImport import(directory.importer(), api::contradiction);
    store::LineGroup group = std::move(file.first);
    std::size_t bytes = 0;
    while (true) {
        auto line = file.lines.next();
        if (!line) return tl::unexpected(line.error());
        if (*line) {
            bytes += (*line)->text.size();
            group.push_back(std::move(**line));
        }
        if (*line && bytes < kImportGroupBytes) continue;
        if (auto taken = import.take(std::exchange(group, {})); !taken)
            return tl::unexpected(std::move(taken).error());
        bytes = 0;
        progress.show(import.events_taken(), import.events_total());
        if (!*line) return import.finish(store::system_clock(), store::system_random());
    }
}

void print(const Session& session, const store::Imported& imported) {
    const bool has_vault =
        std::filesystem::exists(std::filesystem::path(session.where.data) / "vault" / "CURRENT");
    if (session.json) {
        std::printf(
            "{\"events\":%llu,\"alreadyHere\":%llu,\"from\":\"%s\",\"ledger\":%s,\"vault\":%s}\n",
            static_cast<unsigned long long>(imported.events),
            static_cast<unsigned long long>(imported.present),
            domain::to_hex(imported.from.bytes).c_str(),
            imported.ledger ? ("\"" + domain::to_hex(imported.ledger->bytes) + "\"").c_str()
                            : "null",
            has_vault ? "true" : "false");
        return;
    }
    if (!imported.ledger) {
        std::printf("nothing new: all %s events are here already\n",
                    grouped(imported.events).c_str());
        return;
    }
    std::printf("events           %s\n", grouped(imported.events).c_str());
    if (imported.present > 0)
        std::printf("alreadyHere      %s\n", grouped(imported.present).c_str());
    std::printf("from             %s\n", domain::to_hex(imported.from.bytes).c_str());
    std::printf("ledger           %s\n", domain::to_hex(imported.ledger->bytes).c_str());
    if (!has_vault) {
        std::printf(
            "vault            none: the ledger opens read-only until vault/ of the other ledger is "
            "put here\n");
    }
    std::printf("held until `decklog adopt`\n");
}

}  // namespace

bool has_ledger(const std::string& data) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::path(data) / "FORMAT", error);
}

bool import_ledger(Session& session, BegunFile& file) {
    const std::filesystem::path root = session.where.data;
    std::error_code error;
    if (!has_ledger(session.where.data) && std::filesystem::exists(root, error) &&
        !holds_nothing(root)) {
        session.fail(kFailed, "'" + root.string() + "' is not empty and holds no ledger");
        return true;
    }
    store::configure_logging("error", nullptr);
    const auto disk_free = disk_free_bytes_min();
    if (!disk_free) {
        session.fail(kConfig, disk_free.error().context);
        return true;
    }
    if (const auto room = store::check_disk_room(root, *disk_free); !room) {
        fail(session, room.error());
        return true;
    }
    auto lock = store::Directory::open(root, std::chrono::milliseconds(0));
    if (!lock) {
        fail(session, lock.error());
        return true;
    }
    auto directory = store::ImportDirectory::open(root);
    if (!directory) {
        fail(session, directory.error());
        return true;
    }
    const auto another = is_of_another(**directory, file);
    if (another && *another) return false;
    if (!another) {
        fail(session, another.error());
        return true;
    }
    const auto imported = run_import(**directory, file);
    if (imported) {
        print(session, *imported);
        return true;
    }
    session.fail(kFailed, printable(imported.error().context));
    // What a file that was cut brought is kept, so that the whole one goes on and another one is
    // refused.
    if (imported.error().code == ErrorCode::invalid_argument) {
        if (const auto kept = (*directory)->importer().flush(); !kept) fail(session, kept.error());
    }
    return true;
}

}  // namespace decklog::cli
