#include "api/housekeeping.hpp"

#include <algorithm>

#include "api/config.hpp"
#include "api/erasures/erasures.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours kEvery{1};
constexpr std::chrono::minutes kAgain{1};  // what did not come to its end
/// By then whoever erased has destroyed the keys.
constexpr std::chrono::seconds kAfterErasure{3};

}  // namespace

Housekeeping::Housekeeping(const Core& core, std::function<bool()> follows)
    : core_(core),
      follows_(std::move(follows)),
      raw_(*core.ledger, *core.vault),
      erasures_(core.ledger->on_durable([this](auto frames) { note_erasures(frames); })),
      thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() {
    erasures_.reset();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Housekeeping::run() {
    if (core_.vault->missing()) return;
    std::unique_lock lock(mutex_);
    auto next = Clock::now();
    while (!stopping_) {
        const bool is_due = is_left_ || is_erased_ || Clock::now() >= next;
        is_erased_ = false;
        lock.unlock();
        bool is_left = false;
        if (is_due) {
            next = Clock::now() + kEvery;
            is_left = !finish_erasures();
            expire_raw();
        }
        take_late_bodies();
        lock.lock();
        is_left_ = is_left;
        rest(lock);
    }
}

void Housekeeping::rest(std::unique_lock<std::mutex>& lock) {
    const auto is_stopping = [this] { return stopping_.load(); };
    // A partition may come to this node at any time, and with it what came late there.
    const bool looks_often = is_left_ || core_.partitions.size() > 1;
    const std::chrono::seconds pause = looks_often ? kAgain : kEvery;
    wake_.wait_for(lock, pause, [&] { return is_stopping() || is_erased_; });
    if (is_erased_) wake_.wait_for(lock, kAfterErasure, is_stopping);
}

/// On the writer's thread.
void Housekeeping::note_erasures(std::span<const store::FramePtr> frames) {
    // One of another partition is followed by that of partition 0, which says that all is erased.
    if (frames.front()->first().partition != 0) return;
    const bool has_erased = std::any_of(frames.begin(), frames.end(), [](const auto& frame) {
        return frame->event(0).is(domain::EventType::subject_erased);
    });
    if (!has_erased || !follows_()) return;
    {
        const std::lock_guard lock(mutex_);
        is_erased_ = true;
    }
    wake_.notify_all();
}

bool Housekeeping::finish_erasures() {
    const auto finished = core_.erasures->finish(core_.erasures->hooks(&stopping_));
    if (finished && *finished > 0) {
        store::log_info("erase", {}, "{} erasures are finished here", *finished);
    } else if (!finished && !stopping_) {
        store::log_error("erase", {}, "erasures stay unfinished for now: {}",
                         finished.error().context);
    }
    return finished.has_value();
}

void Housekeeping::take_late_bodies() {
    const auto taken = core_.erasures->take_what_came_late(core_.erasures->hooks(&stopping_));
    if (!taken && !stopping_)
        store::log_warn("erase", {}, "late bodies are not taken yet: {}", taken.error().context);
}

void Housekeeping::expire_raw() {
    const auto first_kept =
        store::first_raw_day_kept(*core_.ledger, core_.clock->now_us(), core_.config->raw_days);
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
