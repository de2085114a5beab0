#include "store/backup/restore.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <span>

#include "store/backup/checkpoint.hpp"
#include "store/backup/copy_backup.hpp"
#include "store/backup/erase_again.hpp"
#include "store/backup/list_logged.hpp"
#include "store/directory/backup_places.hpp"
#include "store/directory/private_files.hpp"
#include "store/disk_room.hpp"
#include "store/fork/fork.hpp"
#include "store/ledger_start.hpp"
#include "store/log.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;
namespace fs = std::filesystem;

tl::unexpected<domain::Error> bad_wish(const std::string& what) {
    return domain::fail(ErrorCode::invalid_argument, what);
}

/// Hidden files and a volume's lost+found do not count: a mounted volume is empty with them.
bool counts(const fs::path& entry) {
    const std::string name = entry.filename().string();
    return !name.starts_with('.') && name != "lost+found";
}

domain::Result<std::vector<fs::path>> entries_of(const fs::path& directory) {
    std::vector<fs::path> entries;
    std::error_code failed;
    if (!fs::exists(directory, failed) && !failed) return entries;
    for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (counts(entry->path())) entries.push_back(entry->path());
    }
    if (failed)
        return domain::fail(ErrorCode::io, "list " + directory.string() + ": " + failed.message());
    return entries;
}

tl::unexpected<domain::Error> not_empty(const fs::path& data) {
    return bad_wish(data.string() +
                    " is not empty: restore makes its own data directory; name a new one");
}

enum class Standing : std::uint8_t { empty, marked };

domain::Result<Standing> look_at(const fs::path& data) {
    const auto found = entries_of(data);
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return Standing::empty;
    const bool is_marked =
        std::find(found->begin(), found->end(), data / kRestoringName) != found->end();
    return is_marked ? domain::Result<Standing>(Standing::marked) : not_empty(data);
}

/// A restore that ends takes its mark away: a lock on a file that is there no more holds nothing.
bool is_still(const fs::path& file, const FileDescriptor& fd) {
    struct stat held {
    }, there{};
    return ::fstat(fd.get(), &held) == 0 && ::lstat(file.c_str(), &there) == 0 &&
           held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

domain::Result<FileDescriptor> take_mark(const fs::path& file, Standing standing) {
    const int create = standing == Standing::empty ? O_CREAT | O_EXCL : 0;
    FileDescriptor fd(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | create, 0600));
    if (!fd.is_open() && errno != EEXIST && errno != ENOENT)
        return io_error("open " + file.string());
    if (!fd.is_open() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || !is_still(file, fd)) {
        return domain::fail(ErrorCode::locked,
                            file.parent_path().string() + ": a restore is at work there");
    }
    return fd;
}

/// RESTORING, held by this process. Takes back what was made unless it was lifted.
class Mark {
  public:
    [[nodiscard]] static domain::Result<std::unique_ptr<Mark>> set(const fs::path& data) {
        const auto standing = look_at(data);
        if (!standing) return tl::unexpected(standing.error());
        std::error_code ignored;
        const bool was_there = fs::exists(data, ignored);
        if (auto made = create_private_directory(data); !made)
            return tl::unexpected(std::move(made).error());
        auto fd = take_mark(data / kRestoringName, *standing);
        if (!fd) return tl::unexpected(std::move(fd).error());
        if (auto synced = sync_directory(data); !synced)
            return tl::unexpected(std::move(synced).error());
        // Whoever put something here between the look and the mark keeps it.
        if (const auto found = entries_of(data);
            *standing == Standing::empty && (!found || found->size() > 1)) {
            fs::remove(data / kRestoringName, ignored);
            return found ? not_empty(data) : tl::unexpected(found.error());
        }
        auto mark = std::make_unique<Mark>(data, std::move(*fd), was_there);
        if (auto cleared = mark->clear(); !cleared)
            return tl::unexpected(std::move(cleared).error());
        return mark;
    }
    Mark(fs::path data, FileDescriptor fd, bool was_there)
        : data_(std::move(data)), fd_(std::move(fd)), was_there_(was_there) {}
    ~Mark() {
        if (is_lifted_) return;
        auto cleared = clear();
        if (cleared) cleared = lift();
        std::error_code ignored;
        if (cleared && !was_there_) fs::remove(data_, ignored);
        if (!cleared)
            log_warn("restore", {}, "what was made could not be removed: {}",
                     cleared.error().context);
    }
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;

    [[nodiscard]] domain::Result<void> lift() {
        std::error_code failed;
        fs::remove(data_ / kRestoringName, failed);
        if (failed) return domain::fail(ErrorCode::io, "remove RESTORING: " + failed.message());
        is_lifted_ = true;
        return sync_directory(data_);
    }

  private:
    /// Everything but the mark itself.
    [[nodiscard]] domain::Result<void> clear() {
        auto found = entries_of(data_);
        if (!found) return tl::unexpected(std::move(found).error());
        for (const fs::path& entry : *found) {
            std::error_code failed;
            if (entry.filename() != kRestoringName) fs::remove_all(entry, failed);
            if (failed)
                return domain::fail(ErrorCode::io,
                                    "remove " + entry.string() + ": " + failed.message());
        }
        return {};
    }

    const fs::path data_;
    const FileDescriptor fd_;
    const bool was_there_;
    bool is_lifted_ = false;
};

fs::path real(const fs::path& path) {
    std::error_code ignored;
    const fs::path found = fs::weakly_canonical(fs::absolute(path, ignored), ignored);
    return found.has_filename() ? found : found.parent_path();  // no trailing slash
}

/// A data directory, a backup, or what a restore is still making.
bool holds_a_ledger(const fs::path& directory) {
    std::error_code ignored;
    return fs::exists(directory / kRestoringName, ignored) ||
           (fs::exists(directory / "FORMAT", ignored) && fs::exists(directory / "ledger", ignored));
}

domain::Result<void> check_place(const fs::path& data) {
    for (fs::path at = directory_of(real(data)); at.has_relative_path(); at = directory_of(at)) {
        if (!holds_a_ledger(at)) continue;
        return bad_wish(
            "a new data directory stands neither inside nor around a data directory or "
            "a backup: " +
            at.string() + " is one");
    }
    return {};
}

domain::Result<std::vector<ListedErasure>> erasures_for(const RestoreWish& wish) {
    const fs::path list = wish.erasures.value_or(erasure_list_in(directory_of(real(wish.backup))));
    auto erasures = read_erasures(list);
    if (erasures || erasures.error().code != ErrorCode::not_found || wish.erasures) return erasures;
    return bad_wish(
        "no list of erasures: " + list.string() +
        " is not there. It says who was erased since the backup was made; bring it from the place "
        "the backup came from and name it with --erasures FILE");
}

class OpenRestoration final : public Restoration {
  public:
    OpenRestoration(RestoreWish wish, Manifest manifest, std::optional<VaultFileInfo> vault_info,
                    std::unique_ptr<Mark> mark)
        : wish_(std::move(wish)), vault_info_(vault_info), mark_(std::move(mark)) {
        report_.manifest = std::move(manifest);
    }
    ~OpenRestoration() override { close(); }
    OpenRestoration(const OpenRestoration&) = delete;
    OpenRestoration& operator=(const OpenRestoration&) = delete;

    [[nodiscard]] domain::Result<RestoreReport> run(const RestoreProgress& progress) override;
    [[nodiscard]] Ledger& ledger() override { return *ledger_; }
    [[nodiscard]] const Directory& directory() const override { return *directory_; }
    [[nodiscard]] domain::Result<void> finish() override {
        close();
        return mark_->lift();
    }

  private:
    [[nodiscard]] domain::Result<void> check_kind() const;
    [[nodiscard]] domain::Result<void> open();
    [[nodiscard]] domain::Result<void> compare(const CheckpointState& copy) const;
    [[nodiscard]] domain::Result<void> check_log(const RestoreProgress& progress);
    [[nodiscard]] domain::Result<void> check_vault();
    [[nodiscard]] domain::Result<void> fork();
    [[nodiscard]] domain::Result<void> remember_places(std::span<const ListedErasure> listed);
    void close() {
        if (ledger_) ledger_->stop();
        ledger_.reset();
        vault_.reset();
        directory_.reset();
    }

    const RestoreWish wish_;
    const std::optional<VaultFileInfo> vault_info_;
    std::unique_ptr<Mark> mark_;  // outlives what stands in the directory
    std::optional<Directory> directory_;
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<Ledger> ledger_;
    RestoreReport report_;
};

/// The copy's end, its id, and whose it is.
domain::Result<void> OpenRestoration::check_kind() const {
    const auto copy = read_checkpoint(wish_.data / "ledger");
    if (!copy) return tl::unexpected(copy.error());
    if (auto same = compare(*copy); !same) return same;
    if (copy->is_node == wish_.as_node) return {};
    return bad_wish(wish_.as_node
                        ? "this backup is of an embedded ledger: restore it without --node"
                        : "this backup is of a node: restore it with --node, for a node of "
                          "the same cluster; decklog copy makes a ledger of its own of it");
}

domain::Result<void> OpenRestoration::open() {
    auto directory = Directory::open(wish_.data, std::chrono::milliseconds(0), OpenFor::restore);
    if (!directory) return tl::unexpected(std::move(directory).error());
    directory_.emplace(std::move(*directory));
    if (vault_info_) {
        auto rows = open_rocks_vault_rows(directory_->vault());
        if (!rows) return tl::unexpected(std::move(rows).error());
        auto loaded = load_vault_file(*wish_.vault_file, **rows);
        if (!loaded) return tl::unexpected(std::move(loaded).error());
        report_.vault = *loaded;
    }
    auto vault = open_rocks_vault(directory_->root(), true, nullptr);
    if (!vault) return tl::unexpected(std::move(vault).error());
    vault_ = std::move(*vault);
    // What the copy says it has finished was finished in another directory, of a longer log.
    if (vault_info_) {
        if (auto begun = vault_->note_erasures_finished(0); !begun) return begun;
    }
    LedgerOptions options;
    options.accept_clock = wish_.accept_clock;
    options.records_accepted_clock = false;  // that is for the new ledger to say
    options.raw_days = 0;  // the service sweeps; here everything is checked as it was
    // What restore writes is little beside what it copied.
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    auto ledger = open_rocks_ledger(directory_->root(), options);
    if (!ledger) return tl::unexpected(std::move(ledger).error());
    ledger_ = std::move(*ledger);
    return {};
}

domain::Result<void> OpenRestoration::compare(const CheckpointState& copy) const {
    const auto& wanted = report_.manifest.partitions;
    if (copy.ledger != report_.manifest.ledger) {
        return domain::fail(ErrorCode::corrupt,
                            "ledger/ is of another ledger than the manifest says");
    }
    if (copy.heads.size() != wanted.size()) {
        return domain::fail(ErrorCode::corrupt, "ledger/ has " + std::to_string(copy.heads.size()) +
                                                    " partitions, the manifest says " +
                                                    std::to_string(wanted.size()));
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const Head& head = copy.heads[i];
        const Head& noted = wanted[i].head;
        if (head.next_ordinal == noted.next_ordinal && head.chain == noted.chain) continue;
        const std::string where = wanted.size() == 1 ? "" : "partition " + std::to_string(i) + " ";
        return domain::fail(ErrorCode::corrupt,
                            "ledger/ " + where + "ends at event " +
                                std::to_string(head.next_ordinal) +
                                " with another chain than the manifest says for " +
                                std::to_string(noted.next_ordinal));
    }
    return {};
}

domain::Result<void> OpenRestoration::check_log(const RestoreProgress& progress) {
    auto verified = verify(*ledger_, [&progress](const VerifyProgress& seen) {
        return !progress || progress(RestoreStage::verify, seen.events, seen.events_total);
    });
    if (!verified) return tl::unexpected(std::move(verified).error());
    report_.verified = std::move(*verified);
    if (report_.verified.ok()) return {};
    const domain::Position bad = report_.verified.first_bad.value_or(domain::Position{});
    return domain::fail(ErrorCode::corrupt, "ledger/ at " + std::to_string(bad.partition) + ":" +
                                                std::to_string(bad.ordinal) + ": " +
                                                report_.verified.problem);
}

/// A vault of this ledger, not older than what it has to open.
domain::Result<void> OpenRestoration::check_vault() {
    if (!vault_info_) return {};
    auto ancestors = ancestors_of(*ledger_);
    if (!ancestors) return tl::unexpected(std::move(ancestors).error());
    const bool is_same = vault_info_->ledger == report_.manifest.ledger;
    const bool is_ancestor =
        std::find(ancestors->begin(), ancestors->end(), vault_info_->ledger) != ancestors->end();
    if (!is_same && !is_ancestor)
        return bad_wish(wish_.vault_file->string() + " is the vault of another ledger");
    const std::uint64_t wanted = report_.manifest.events();
    report_.vault_is_older = !is_same || vault_info_->events < wanted;
    if (!report_.vault_is_older || wish_.accept_older_vault) return {};
    return bad_wish(
        wish_.vault_file->string() + " was made when the ledger had " +
        std::to_string(vault_info_->events) + " events, the backup has " + std::to_string(wanted) +
        ": keys made since are not in it, and what they sealed would show as erased. Take the file "
        "that was made with the backup or after it, or say --accept-older-vault");
}

domain::Result<void> OpenRestoration::fork() {
    std::vector<std::int64_t> behind_us;
    for (std::uint32_t partition = 0; partition < ledger_->partitions(); ++partition) {
        const Head head = ledger_->head(partition);
        behind_us.push_back(behind_beyond_a_step(head, system_clock()));
        report_.forked_at.push_back({partition, head.next_ordinal});
    }
    domain::LedgerOrder order;
    order.actor = wish_.actor;
    order.recorded_by = wish_.recorded_by;
    order.now_us = system_clock().now_us();
    auto id = store::fork(*ledger_, *vault_, system_random(), std::move(order), "restore");
    if (!id) return tl::unexpected(std::move(id).error());
    report_.ledger = *id;
    for (std::uint32_t partition = 0; partition < behind_us.size(); ++partition) {
        if (!wish_.accept_clock || behind_us[partition] == 0) continue;
        auto recorded =
            record_accepted_clock(*ledger_, partition, system_clock(), behind_us[partition]);
        if (!recorded) return recorded;
    }
    return {};
}

/// Whoever is erased in the new ledger must not come back by the old backups: not where this one
/// stands, nor where its list does.
domain::Result<void> OpenRestoration::remember_places(std::span<const ListedErasure> listed) {
    std::set<fs::path> places{directory_of(real(wish_.backup))};
    if (wish_.erasures) {
        const fs::path list = real(*wish_.erasures);
        if (list == erasure_list_in(directory_of(list))) places.insert(directory_of(list));
    }
    for (const fs::path& place : places) {
        // Also one that cannot be written: better an erasure that says so than one listed nowhere.
        if (auto noted = remember_place(wish_.data, place); !noted) return noted;
        if (auto written = list_logged_erasures(*ledger_, place, listed); !written)
            report_.unlisted.push_back(written.error().context);
    }
    return {};
}

domain::Result<RestoreReport> OpenRestoration::run(const RestoreProgress& progress) {
    const auto copying = [&progress](std::uint64_t done, std::uint64_t total) {
        return !progress || progress(RestoreStage::copy, done, total);
    };
    auto problems = copy_backup(wish_.backup, report_.manifest, wish_.data, copying);
    if (!problems) return tl::unexpected(std::move(problems).error());
    report_.problems = std::move(*problems);
    if (!report_.problems.empty()) return report_;
    if (auto made = create_places(wish_.data); !made)
        return tl::unexpected(std::move(made).error());
    if (auto known = check_kind(); !known) return tl::unexpected(std::move(known).error());
    if (wish_.as_node) {
        report_.ledger = report_.manifest.ledger;
        report_.events = report_.manifest.events();
        return report_;
    }
    if (auto opened = open(); !opened) return tl::unexpected(std::move(opened).error());
    if (auto whole = check_log(progress); !whole) return tl::unexpected(std::move(whole).error());
    if (auto mine = check_vault(); !mine) return tl::unexpected(std::move(mine).error());
    // The fork comes before all else that is written: no frame with the old id is in one copy
    // alone.
    if (auto forked = fork(); !forked) return tl::unexpected(std::move(forked).error());
    // Read once more: somebody may have been erased while the copy was made and checked.
    auto listed = erasures_for(wish_);
    if (!listed) return tl::unexpected(std::move(listed).error());
    auto erased = erase_again(*ledger_, *vault_, *listed, wish_, progress);
    if (!erased) return tl::unexpected(std::move(erased).error());
    report_.erasures = *erased;
    if (auto noted = remember_places(*listed); !noted)
        return tl::unexpected(std::move(noted).error());
    for (std::uint32_t partition = 0; partition < ledger_->partitions(); ++partition)
        report_.events += ledger_->head(partition).next_ordinal;
    return report_;
}

}  // namespace

std::string_view to_text(RestoreStage stage) {
    switch (stage) {
        case RestoreStage::copy:
            return "copy";
        case RestoreStage::verify:
            return "verify";
        case RestoreStage::erase:
            return "erase";
        case RestoreStage::fold:
            return "fold";
    }
    return "restore";
}

domain::Result<std::unique_ptr<Restoration>> Restoration::begin(RestoreWish wish) {
    make_new_files_private();
    const fs::path relative = real(wish.data).lexically_relative(real(wish.backup));
    if (!relative.empty() && *relative.begin() != "..")
        return bad_wish("the new data directory stands outside of the backup");
    if (auto placed = check_place(wish.data); !placed)
        return tl::unexpected(std::move(placed).error());
    auto manifest = read_manifest(wish.backup);
    if (!manifest) return tl::unexpected(std::move(manifest).error());
    if (wish.as_node && (wish.vault_file || wish.erasures))
        return bad_wish(
            "a node has keys and erasures from the topics: name no --vault, no --erasures");
    // Before anything is copied; what it says is read when that is done.
    if (!wish.as_node) {
        if (auto erasures = erasures_for(wish); !erasures)
            return tl::unexpected(std::move(erasures).error());
    }
    std::optional<VaultFileInfo> vault;
    if (wish.vault_file) {
        auto checked = check_vault_file(*wish.vault_file);
        if (!checked) return tl::unexpected(std::move(checked).error());
        vault = *checked;
    }
    if (auto room = check_disk_room(wish.data, wish.disk_free_bytes_min); !room)
        return tl::unexpected(std::move(room).error());
    auto mark = Mark::set(wish.data);
    if (!mark) return tl::unexpected(std::move(mark).error());
    return std::make_unique<OpenRestoration>(std::move(wish), std::move(*manifest), vault,
                                             std::move(*mark));
}

}  // namespace decklog::store
