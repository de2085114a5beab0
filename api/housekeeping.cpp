#include "api/housekeeping.hpp"

#include "api/config.hpp"
#include "api/erasures/erasing.hpp"
#include "store/erasure.hpp"
#include "store/log.hpp"
#include "store/raw_expiry.hpp"

namespace decklog::api {
namespace {

constexpr std::chrono::hours kEvery{1};

}  // namespace

Housekeeping::Housekeeping(const Core& core) : core_(core), thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    thread_.join();
}

void Housekeeping::run() {
    if (core_.vault->missing()) return;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        finish_erasures();
        expire_raw();
        lock.lock();
        stop_.wait_for(lock, kEvery, [this] { return stopping_.load(); });
    }
}

void Housekeeping::finish_erasures() {
    const auto undone = store::destroy_erased_keys(*core_.ledger, *core_.vault);
    if (!undone) {
        store::log_error("erase", {}, "looking for unfinished erasures: {}",
                         undone.error().context);
        return;
    }
    if (undone->empty()) return;
    store::ErasureHooks hooks;
    hooks.cancelled = &stopping_;
    hooks.list = [this](const auto& erasures) { return list_beside_backups(core_, erasures); };
    const auto finished = store::finish_erasures(*core_.ledger, *core_.vault, *undone, hooks);
    if (finished) {
        store::log_info("erase", {}, "{} erasures that were left unfinished are finished",
                        undone->size());
    } else if (!stopping_) {
        store::log_error("erase", {}, "erasures stay unfinished for now: {}",
                         finished.error().context);
    }
}

void Housekeeping::expire_raw() {
    const auto first_kept = store::first_raw_day_kept(
        core_.ledger->head(0).recorded_at_us, core_.clock->now_us(), core_.config->raw_days);
    if (!first_kept) return;
    const auto destroyed =
        store::expire_raw_bodies(*core_.ledger, *core_.vault, *first_kept, &stopping_);
    if (!destroyed && !stopping_) {
        store::log_warn("raw", {}, "old raw bodies are not cleaned away yet: {}",
                        destroyed.error().context);
    } else if (destroyed && *destroyed > 0) {
        store::log_info("raw", {}, "the keys of {} days of raw bodies are destroyed", *destroyed);
    }
}

}  // namespace decklog::api
