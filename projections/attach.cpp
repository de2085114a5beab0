// How the engine begins: each view goes on from where its live build stands, if that build was made
// by the same logic over the same log; else from the start.
#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {
namespace {

/// The version that made the instance; null: this program has it no more.
const View* version_of(const std::vector<const View*>& versions, std::string_view instance) {
    const auto found = std::find_if(versions.begin(), versions.end(), [&](const View* view) {
        return build_of(*view, instance) != 0;
    });
    return found == versions.end() ? nullptr : *found;
}

/// What a new `views/` begins with: the logic that was live when another build of the program wrote
/// it, since taking over is an operator's choice; else the first.
const View& first_logic(const std::vector<const View*>& versions,
                        const std::optional<std::string>& live_before) {
    const View* chosen = live_before ? version_of(versions, *live_before) : nullptr;
    return chosen == nullptr ? *versions.front() : *chosen;
}

}  // namespace

domain::Result<void> FoldingEngine::attach() {
    for (Slot& slot : slots_) {
        if (auto attached = attach_view(slot); !attached) return attached;
    }
    return drop_leftovers();
}

domain::Result<void> FoldingEngine::attach_view(Slot& slot) {
    const auto name = database_->live(slot.name);
    if (!name) return tl::unexpected(name.error());
    const View* logic = &first_logic(slot.versions, database_->live_before(slot.name));
    std::string why;
    domain::Result<InstancePtr> live(nullptr);
    if (*name) {
        const auto record = database_->record(**name);
        if (!record) return tl::unexpected(record.error());
        if (const View* same = version_of(slot.versions, **name)) {
            logic = same;
            why = *record ? why_not_continue(*logic, *database_, **name, **record)
                          : "its record is damaged";
        } else {
            why = fmt::format("the logic is version {} now", logic->logic_version());
        }
        if (why.empty()) live = Instance::resume(database_, *logic, **name, **record, health_);
    }
    const bool continued = live && *live != nullptr;
    if (live && !continued) live = begin_anew(slot, *logic, name->value_or(std::string()), why);
    if (!live) return tl::unexpected(live.error());
    if (auto attached = attach_kept(slot, continued); !attached) return attached;
    const std::lock_guard lock(mutex_);
    slot.logic = logic;
    slot.live = *std::move(live);
    return {};
}

domain::Result<InstancePtr> FoldingEngine::begin_anew(Slot& slot, const View& logic,
                                                      const std::string& old_name,
                                                      const std::string& why) {
    auto begun = Instance::create(database_, logic, next_build(*database_, logic), health_);
    if (!begun) return begun;
    if (!old_name.empty())
        store::log_warn("views", {}, "{} is folded again as {}: {}", old_name, (*begun)->name(),
                        why);
    rocksdb::WriteBatch batch;
    database_->put_live(batch, slot.name, (*begun)->name());
    if (auto written = database_->write(batch); !written) return tl::unexpected(written.error());
    const std::lock_guard lock(mutex_);
    slot.folding_anew = true;
    return begun;
}

/// The kept build stays until its day is over, by the wall clock while the program was down; what
/// was kept beside a build that is folded again is of the same doubtful past.
domain::Result<void> FoldingEngine::attach_kept(Slot& slot, bool continued) {
    const auto kept = database_->kept(slot.name);
    if (!kept) return tl::unexpected(kept.error());
    const std::lock_guard lock(mutex_);
    slot.kept.reset();
    if (!*kept) return {};
    const std::int64_t age_us =
        std::max<std::int64_t>(options_.clock->now_us() - (*kept)->since_us, 0);
    if (continued && age_us < options_.keep_us && database_->find((*kept)->instance) != nullptr) {
        slot.kept = Kept{(*kept)->instance, (*kept)->since_us + options_.keep_us,
                         options_.clock->boot_us() + options_.keep_us - age_us};
        return {};
    }
    rocksdb::WriteBatch batch;
    database_->erase_kept(batch, slot.name);
    return database_->write(batch);
}

/// Unfinished rebuilds, older builds, views this program no longer has.
domain::Result<void> FoldingEngine::drop_leftovers() {
    for (const auto& name : database_->instances()) {
        const bool is_needed = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
            return slot.live->name() == name || (slot.kept && slot.kept->instance == name);
        });
        if (is_needed) continue;
        if (auto dropped = database_->drop(name); !dropped) return dropped;
    }
    return {};
}

std::string FoldingEngine::why_not_continue(const View& view, const ViewsDatabase& database,
                                            const std::string& name,
                                            const InstanceRecord& record) const {
    if (database.find(name) == nullptr) return "its rows are gone";
    if (record.fingerprint != view.fingerprint()) return "the logic has another fingerprint now";
    if (record.next_ordinal == 0) return {};
    const store::Head head = ledger_.head(options_.partition);
    if (record.next_ordinal > head.next_ordinal) return "the log is shorter than what was folded";
    if (record.next_ordinal == head.next_ordinal) {
        return record.chain == head.chain ? std::string() : "the log has another chain head there";
    }
    const auto chain = ledger_.chain_before({options_.partition, record.next_ordinal});
    if (!chain) return "the log has no chain head there";
    return record.chain == *chain ? std::string() : "the log has another chain head there";
}

}  // namespace decklog::projections
