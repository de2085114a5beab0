// What the engine does when views/ fails under it. A write that was refused is tried again on the
// same files when RocksDB writes again; when it does not, or when a read failed, all files are let
// go of and opened again, once nobody reads them any more. Only damage drops them: a lock, a full
// disk or too many open files pass.
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "projections/build_id.hpp"
#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {

domain::Result<void> FoldingEngine::open_files() {
    const std::string owner =
        fmt::format("build {}\nledger {}", options_.build.empty() ? build_id() : options_.build,
                    domain::to_hex(ledger_.ledger_id().bytes));
    auto health = std::make_shared<ReadHealth>();
    auto opened =
        ViewsDatabase::open(views_dir_, owner, options_.env, damage_,
                            [health](const rocksdb::Status& status) { health->failed(status); });
    if (!opened) return tl::unexpected(opened.error());
    damage_.clear();
    const std::lock_guard lock(mutex_);
    database_ = std::make_shared<ViewsDatabase>(*std::move(opened));
    health_ = std::move(health);
    ++openings_;
    return {};
}

/// True when the files are open and, for all that is known, work.
bool FoldingEngine::mend_storage() {
    if (!database_) {
        reopen_files();
        return database_ != nullptr;
    }
    if (const auto failure = health_->failure()) {
        close_files(failure->what, failure->blames_files);
        return false;
    }
    const auto now = Backoff::Clock::now();
    bool is_due = false;
    {
        const std::lock_guard lock(mutex_);
        for (const Slot& slot : slots_) {
            for (const auto& instance : {slot.live, slot.candidate}) {
                if (!instance) continue;
                const Standing standing = instance->standing();
                is_due |= !standing.trouble.empty() && standing.goes_on(now);
            }
        }
    }
    if (!is_due) return true;
    const auto resumed = database_->resume();
    if (!resumed && !resumed.error().retryable)
        close_files(resumed.error().context, resumed.error().code == domain::ErrorCode::corrupt);
    return database_ != nullptr;
}

void FoldingEngine::close_files(const std::string& why, bool damaged) {
    store::log_error("views", {}, "views/ is opened again: {}", why);
    if (damaged) damage_ = why;
    {
        const std::lock_guard lock(mutex_);
        storage_trouble_ = why;
        storage_backoff_.failed(Backoff::Clock::now());
        for (Slot& slot : slots_) {
            if (slot.live) {
                slot.last_instance = slot.live->name();
                slot.last_standing = slot.live->standing();
            }
            slot.live.reset();
            slot.candidate.reset();
        }
        closing_ = database_->files();
        database_.reset();
    }
    flipped_.notify_all();
}

void FoldingEngine::reopen_files() {
    {
        const std::lock_guard lock(mutex_);
        if (storage_backoff_.waits(Backoff::Clock::now())) return;
    }
    // Two openings of the same files are none: whoever still reads the old one ends first.
    if (!closing_.expired()) return;
    const std::unique_lock alone(rebuild_mutex_, std::try_to_lock);
    if (!alone) return;
    auto opened = open_files();
    if (opened) opened = attach();
    if (!opened && database_) {
        close_files(opened.error().context, opened.error().code == domain::ErrorCode::corrupt);
        return;
    }
    const std::lock_guard lock(mutex_);
    if (opened) {
        storage_trouble_.clear();
        storage_backoff_.worked();
        store::log_info("views", {}, "views/ is open again");
    } else {
        storage_trouble_ = opened.error().context;
        storage_backoff_.failed(Backoff::Clock::now());
    }
}

}  // namespace decklog::projections
