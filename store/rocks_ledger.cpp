#include "store/rocks_ledger.hpp"

#include <fcntl.h>

#include "store/directory/head_file.hpp"
#include "store/directory/private_files.hpp"
#include "store/ledger_start.hpp"
#include "store/log.hpp"
#include "store/rows/rocks_rows.hpp"

namespace decklog::store {
namespace {

std::function<DiskSpace()> space_of(std::filesystem::path root) {
    return [root = std::move(root)] {
        std::error_code failed;
        const std::filesystem::space_info info = std::filesystem::space(root, failed);
        if (failed) return DiskSpace{};  // a disk that cannot be asked is not one to fill
        return DiskSpace{info.available, info.capacity};
    };
}

/// HEAD only ever refuses a log that lost something, so a HEAD that cannot be written stops
/// nothing: it is said once.
HeadNote head_writer(FileDescriptor file) {
    auto shared = std::make_shared<FileDescriptor>(std::move(file));
    return [shared, warned = false](domain::Position last, const domain::Bytes32& chain) mutable {
        const auto written = write_head(shared->get(), {last, chain});
        if (written || warned) return;
        warned = true;
        log_warn("ledger", {}, "HEAD cannot be written, a cut log would go unnoticed: {}",
                 written.error().context);
    };
}

}  // namespace

domain::Result<std::unique_ptr<Ledger>> open_rocks_ledger(const std::filesystem::path& root,
                                                          const LedgerOptions& options) {
    const std::filesystem::path directory = root / "ledger";
    const std::filesystem::path head_file = root / "HEAD";
    if (auto made = create_private_directory(directory); !made)
        return tl::unexpected(std::move(made).error());
    auto noted = read_head(head_file);
    if (!noted) return tl::unexpected(std::move(noted).error());
    auto rows = RocksRows::open(directory, options.env);
    if (!rows) return tl::unexpected(std::move(rows).error());
    FileDescriptor head(::open(head_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!head.is_open()) return io_error("open " + head_file.string());
    LedgerOptions complete = options;
    if (!complete.disk_space) complete.disk_space = space_of(root);
    auto ledger = start_ledger(std::move(*rows), complete, *noted, head_writer(std::move(head)));
    if (!ledger) return tl::unexpected(std::move(ledger).error());
    return std::unique_ptr<Ledger>(std::move(*ledger));
}

}  // namespace decklog::store
