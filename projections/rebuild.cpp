// Rebuilding a view beside the live build, and going back to the one before (the engine's
// `rebuild`). The comparison is made where the live build stood at the call: a database snapshot
// keeps its rows of then, so both go on being folded meanwhile.
#include <malloc.h>

#include <algorithm>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "projections/compare.hpp"
#include "projections/fold_to.hpp"
#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {
namespace {

tl::unexpected<domain::Error> ended() {
    return domain::fail(domain::ErrorCode::stopped, "ended before it was done", true);
}

/// What a rebuild folds with: for parked keys the logic that parked them, else the newest.
const View& logic_for(Takeover takeover, const View& live, const std::vector<const View*>& all) {
    if (takeover == Takeover::unparked) return live;
    const auto newest = std::max_element(all.begin(), all.end(), [](const View* a, const View* b) {
        return a->logic_version() < b->logic_version();
    });
    return **newest;
}

/// What a build let go of stays in the heaps of its threads, and those of the next build are
/// others.
void give_back_freed_memory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

bool may_take_over(Takeover takeover, const Rebuilt& result, bool same_logic, bool same_parked) {
    switch (takeover) {
        case Takeover::equal_bytes:
            return same_logic && same_parked && result.rows_that_differ == 0;
        case Takeover::unparked:
            return !result.folds_now.empty() && result.newly_parked.empty();
        case Takeover::accepted:
        case Takeover::back:
            return true;
    }
    return false;
}

}  // namespace

domain::Result<Rebuilt> FoldingEngine::rebuild(std::string_view view, Takeover takeover,
                                               const Progress& progress) {
    const std::unique_lock alone(rebuild_mutex_, limits::kOtherRebuildWait);
    if (!alone)
        return domain::fail(domain::ErrorCode::stopped, "another rebuild is running; ask again",
                            true);
    Slot* slot = find_slot(view);
    if (slot == nullptr) return domain::fail(domain::ErrorCode::not_found, "no such view");
    const Progress go_on = [this, &progress](std::uint64_t folded, std::uint64_t total) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return false;
        }
        return !progress || progress(folded, total);
    };
    std::optional<Building> building;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return ended();
        if (!slot->live)
            return domain::fail(domain::ErrorCode::io, "views/ is opened again; ask again", true);
        building.emplace(Building{*slot, database_, health_, slot->live, go_on});
        slot->rebuilding = true;
    }
    auto built =
        takeover == Takeover::back ? flip_back(*building) : build_beside(*building, takeover);
    building.reset();
    give_back_freed_memory();
    const std::lock_guard lock(mutex_);
    slot->rebuilding = false;
    return built;
}

domain::Result<Rebuilt> FoldingEngine::build_beside(Building& building, Takeover takeover) {
    ViewsDatabase& database = *building.database;
    const SnapshotPtr then = database.snapshot();
    const auto record = database.record(building.live->name(), then);
    if (!record) return tl::unexpected(record.error());
    if (!*record)
        return domain::fail(domain::ErrorCode::corrupt, building.live->name() + " has no record");
    const View& logic = logic_for(takeover, building.live->view(), building.slot.versions);
    const auto candidate =
        Instance::create(building.database, logic, next_build(database, logic), building.health);
    if (!candidate) return tl::unexpected(candidate.error());
    const std::string kept_before = building.slot.kept ? building.slot.kept->instance : "";

    bool may_flip = false;
    domain::Result<Rebuilt> built =
        fold_to(ledger_, *candidate,
                {options_.partition, (*record)->next_ordinal, (*record)->chain},
                options_.batch_events_max, building.go_on)
            .map([] { return Rebuilt(); });
    if (built) built = compare(building, **candidate, **record, then, takeover, may_flip);
    if (built && may_flip) {
        if (auto flipped = hand_over(building, *candidate); !flipped) {
            built = tl::unexpected(flipped.error());
        } else {
            built->flipped = true;
        }
    }
    const bool flipped = built && built->flipped;
    drop_unless_stopping(building, flipped ? kept_before : (*candidate)->name());
    return built;
}

domain::Result<Rebuilt> FoldingEngine::compare(Building& building, const Instance& candidate,
                                               const InstanceRecord& record,
                                               const SnapshotPtr& then, Takeover takeover,
                                               bool& may_flip) {
    const auto parked = building.database->parked(building.live->name(), then);
    if (!parked) return tl::unexpected(parked.error());
    Rebuilt result;
    result.before = building.live->name();
    result.after = candidate.name();
    result.partition = options_.partition;
    result.compared_at = record.next_ordinal;
    const auto ours = building.live->rows(then);
    const auto theirs = candidate.rows({});
    const auto go_on = [&] { return building.go_on(record.next_ordinal, record.next_ordinal); };
    if (!compare_rows({building.live->view(), *ours, options_.partition},
                      {candidate.view(), *theirs, options_.partition}, result, go_on))
        return ended();
    if (const auto failure = building.health->failure())
        return domain::fail(domain::ErrorCode::io, failure->what, true);
    compare_parked(*parked, candidate.parked(), result);
    may_flip = may_take_over(takeover, result, &building.live->view() == &candidate.view(),
                             *parked == candidate.parked());
    return result;
}

domain::Result<Rebuilt> FoldingEngine::flip_back(Building& building) {
    std::string name;
    {
        const std::lock_guard lock(mutex_);
        if (!building.slot.kept)
            return domain::fail(domain::ErrorCode::not_found,
                                "no earlier build of " + building.slot.name + " is kept");
        name = building.slot.kept->instance;
    }
    const auto kept = resume_kept(building, name);
    if (!kept) return tl::unexpected(kept.error());
    const Standing live = building.live->standing();
    if (auto folded = fold_to(ledger_, *kept, {options_.partition, live.next_ordinal, live.chain},
                              options_.batch_events_max, building.go_on);
        !folded) {
        return tl::unexpected(folded.error());
    }
    if (auto flipped = hand_over(building, *kept); !flipped) return tl::unexpected(flipped.error());
    Rebuilt result;
    result.partition = options_.partition;
    result.flipped = true;
    result.before = building.live->name();
    result.after = name;
    return result;
}

domain::Result<InstancePtr> FoldingEngine::resume_kept(Building& building,
                                                       const std::string& name) {
    const auto record = building.database->record(name);
    if (!record) return tl::unexpected(record.error());
    for (const View* view : building.slot.versions) {
        if (build_of(*view, name) == 0) continue;
        const std::string why = *record
                                    ? why_not_continue(*view, *building.database, name, **record)
                                    : std::string("its record is damaged");
        if (!why.empty()) return domain::fail(domain::ErrorCode::corrupt, name + ": " + why);
        return Instance::resume(building.database, *view, name, **record, building.health);
    }
    return domain::fail(domain::ErrorCode::stopped, "this program has no " + name);
}

/// What an ending engine leaves, the next start drops: the folding thread may still hold it.
void FoldingEngine::drop_unless_stopping(Building& building, const std::string& instance) {
    if (instance.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
    }
    if (const auto dropped = building.database->drop(instance); !dropped)
        store::log_warn("views", {}, "{} is dropped at the next start: {}", instance,
                        dropped.error().context);
}

}  // namespace decklog::projections
