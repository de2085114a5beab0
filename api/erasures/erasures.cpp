#include "api/erasures/erasures.hpp"

#include <utility>

#include "api/config.hpp"
#include "api/erasures/bodies_elsewhere.hpp"
#include "ingest/native_ids.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/directory/backup_places.hpp"
#include "store/kafka/partition.hpp"
#include "store/raw_expiry.hpp"

namespace decklog::api {
store::ErasureHooks Erasures::hooks(std::atomic<bool>* cancelled) {
    store::ErasureHooks hooks;
    hooks.cancelled = cancelled != nullptr ? cancelled : &stopping_;
    hooks.ids_in = ingest::for_each_id;
    hooks.first_raw_day =
        store::first_raw_day_kept(*core_.ledger, core_.clock->now_us(), core_.config->raw_days)
            .value_or(0);
    hooks.take_elsewhere = [this](const store::BodiesToTake& bodies) {
        return take_where_written(core_, bodies);
    };
    hooks.list = [this](const auto& erasures) { return list_beside_backups(erasures); };
    hooks.cleaned_to = &cleaned_to_;
    return hooks;
}

domain::Result<std::size_t> Erasures::finish(const store::ErasureHooks& hooks) {
    const auto undone = store::destroy_erased_keys(*core_.ledger, *core_.vault, hooks);
    if (!undone) return tl::unexpected(undone.error());
    auto finished = store::finish_erasures(*core_.ledger, *core_.vault, *undone, hooks);
    take_stock(finished ? std::string() : finished.error().context);
    if (!finished) return tl::unexpected(std::move(finished).error());
    return undone->size();
}

domain::Result<void> Erasures::take_what_came_late(const store::ErasureHooks& hooks) {
    if (core_.partitions.size() < 2) return {};
    const auto logged = store::logged_erasures(*core_.ledger);
    if (!logged) return tl::unexpected(logged.error());
    for (std::uint32_t partition = 1; partition < core_.partitions.size(); ++partition) {
        const store::kafka::PartitionFacts facts = core_.partitions[partition]->facts();
        if (!facts.is_live) continue;
        const auto erasures =
            late_search_.due(partition, facts.epoch, *logged, core_.clock->now_us());
        if (erasures.empty()) continue;
        auto taken = store::take_bodies_that_came_late(*core_.ledger, *core_.vault, partition,
                                                       erasures, hooks);
        if (!taken) return taken;
        late_search_.done(partition, erasures);
    }
    return {};
}

void Erasures::take_stock(std::string problem) {
    const auto unfinished = store::unfinished_erasures(*core_.ledger, *core_.vault);
    const std::lock_guard lock(mutex_);
    if (unfinished) status_.unfinished = unfinished->size();
    status_.problem = std::move(problem);
}

Erasures::Status Erasures::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

domain::Result<void> Erasures::list_beside_backups(
    const std::vector<store::LoggedErasure>& erasures) const {
    const auto places = store::known_places(core_.config->data);
    if (!places) return tl::unexpected(places.error());
    std::vector<store::ListedErasure> listed;
    for (const store::LoggedErasure& erasure : erasures)
        listed.push_back({erasure.subject, erasure.recorded_at_us, erasure.reason});
    domain::Result<void> all;
    for (const std::filesystem::path& place : *places) {
        auto appended = store::append_erasures(store::erasure_list_in(place), listed);
        if (appended) continue;
        // The other places get it all the same.
        if (all) {
            all = std::move(appended);
        } else {
            all.error().context += "; " + appended.error().context;
        }
    }
    return all;
}

}  // namespace decklog::api
