#include "api/housekeeping.hpp"

#include "api/config.hpp"
#include "api/erasures/erasures.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr std::chrono::hours kEvery{1};

}  // namespace

Housekeeping::Housekeeping(const Core& core)
    : core_(core), raw_(*core.ledger, *core.vault), thread_([this] { run(); }) {}

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
    const auto finished = core_.erasures->finish(core_.erasures->hooks(&stopping_));
    if (finished && *finished > 0) {
        store::log_info("erase", {}, "{} erasures that were left unfinished are finished",
                        *finished);
    } else if (!finished && !stopping_) {
        store::log_error("erase", {}, "erasures stay unfinished for now: {}",
                         finished.error().context);
    }
}

void Housekeeping::expire_raw() {
    const auto first_kept = store::first_raw_day_kept(
        core_.ledger->head(0).recorded_at_us, core_.clock->now_us(), core_.config->raw_days);
    if (!first_kept) return;
    const auto destroyed = raw_.expire(*first_kept, &stopping_);
    if (!destroyed && !stopping_) {
        store::log_warn("raw", {}, "old raw bodies are not cleaned away yet: {}",
                        destroyed.error().context);
    } else if (destroyed && *destroyed > 0) {
        store::log_info("raw", {}, "the keys of {} days of raw bodies are destroyed", *destroyed);
    }
}

}  // namespace decklog::api
