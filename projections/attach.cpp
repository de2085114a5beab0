// How the engine begins: each view goes on from where its live build stands, if that build was made
// by the same logic over the same log; else from the start.
#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "projections/folding_engine.hpp"
#include "store/log.hpp"

namespace decklog::projections {

domain::Result<void> FoldingEngine::attach() {
    for (const View* view : options_.views) {
        if (auto attached = attach_view(*view); !attached) return attached;
    }
    // Unfinished rebuilds, older builds, views this program no longer has.
    for (const auto& name : database_.instances()) {
        const bool is_live = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
            return slot.live->name() == name;
        });
        if (is_live) continue;
        if (auto dropped = database_.drop(name); !dropped) return dropped;
    }
    return {};
}

domain::Result<void> FoldingEngine::attach_view(const View& view) {
    const auto name = database_.live(view.name());
    if (!name) return tl::unexpected(name.error());
    std::string why;
    if (*name) {
        const auto record = database_.record(**name);
        if (!record) return tl::unexpected(record.error());
        why = *record ? why_not_continue(view, **name, **record) : "its record is damaged";
        if (why.empty()) {
            auto resumed = Instance::resume(database_, view, **name, **record, health_);
            if (!resumed) return tl::unexpected(resumed.error());
            slots_.push_back({&view, *std::move(resumed), nullptr, false});
            return {};
        }
    }
    auto begun = begin_build(view);
    if (!begun) return tl::unexpected(begun.error());
    if (*name)
        store::log_warn("views", {}, "{} is folded again as {}: {}", **name, (*begun)->name(), why);
    rocksdb::WriteBatch batch;
    database_.put_live(batch, view.name(), (*begun)->name());
    slots_.push_back({&view, *std::move(begun), nullptr, false});
    return database_.write(batch);
}

std::string FoldingEngine::why_not_continue(const View& view, const std::string& name,
                                            const InstanceRecord& record) const {
    if (build_of(view, name) == 0)
        return fmt::format("the logic is version {} now", view.logic_version());
    if (database_.find(name) == nullptr) return "its rows are gone";
    if (record.fingerprint != view.fingerprint()) return "the logic has another fingerprint now";
    if (record.next_ordinal == 0) return {};
    const store::Head head = ledger_.head(kPartition);
    if (record.next_ordinal > head.next_ordinal) return "the log is shorter than what was folded";
    if (record.next_ordinal == head.next_ordinal) {
        return record.chain == head.chain ? std::string() : "the log has another chain head there";
    }
    const auto chain = ledger_.chain_before({kPartition, record.next_ordinal});
    if (!chain) return "the log has no chain head there";
    return record.chain == *chain ? std::string() : "the log has another chain head there";
}

domain::Result<InstancePtr> FoldingEngine::begin_build(const View& view) {
    std::uint32_t newest = 0;
    for (const auto& name : database_.instances()) newest = std::max(newest, build_of(view, name));
    return Instance::create(database_, view, newest + 1, health_);
}

}  // namespace decklog::projections
