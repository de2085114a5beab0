#include "projections/rollouts/unit_cache.hpp"

#include <algorithm>
#include <tuple>

#include "projections/limits.hpp"

namespace decklog::projections::rollout {

KnownUnit& UnitCache::find(const UnitName& name) {
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
    OwnName own{name.rollout, name.arm, std::string(name.text)};
    auto& [key, unit] = *known_.emplace(std::move(own), KnownUnit(*this)).first;
    unit.name_ = key;
    return unit;
}

void UnitCache::forget(std::uint32_t rollout) {
    std::erase_if(changed_, [&](const KnownUnit* unit) { return unit->name_.rollout == rollout; });
    std::erase_if(known_, [&](const auto& each) { return each.first.rollout == rollout; });
}

/// In the order of the units' rows, which the writer likes best.
void UnitCache::finish(RowWriter& rows) {
    const auto order = [](const KnownUnit* unit) {
        return std::tuple(unit->name_.rollout, unit->name_.arm, unit->name_.text);
    };
    std::sort(changed_.begin(), changed_.end(),
              [&](const KnownUnit* a, const KnownUnit* b) { return order(a) < order(b); });
    for (KnownUnit* unit : changed_) unit->write_to(rows);
    changed_.clear();
    if (known_.size() > limits::kRolloutRowsKept) known_.clear();
}

KnownUnit::InStream& KnownUnit::standing(std::size_t stream) {
    for (InStream& each : streams_) {
        if (each.stream == stream) return each;
    }
    const auto stored = cache_.rows_.get(unit_key(name_.rollout, stream, name_.arm, name_.text));
    const UnitRow row = stored ? unit_row(*stored) : UnitRow{};
    return streams_.emplace_back(InStream{static_cast<std::uint32_t>(stream), row, false});
}

void KnownUnit::put(std::size_t stream, const UnitRow& row) {
    InStream& mine = standing(stream);
    mine.row = row;
    mine.has_changed = true;
    note_change();
}

std::uint32_t KnownUnit::handled_in() {
    if (!handled_) {
        const auto stored = cache_.rows_.get(handled_key(name_.rollout, name_.arm, name_.text));
        handled_ = stored ? static_cast<std::uint32_t>(number_row(*stored)) : 0;
    }
    return *handled_;
}

void KnownUnit::put_handled(std::uint32_t watch) {
    handled_ = watch;
    has_handled_changed_ = true;
    note_change();
}

void KnownUnit::note_change() {
    if (!has_changed_) cache_.changed_.push_back(this);
    has_changed_ = true;
}

void KnownUnit::write_to(RowWriter& rows) {
    for (InStream& each : streams_) {
        if (each.has_changed)
            rows.put(unit_key(name_.rollout, each.stream, name_.arm, name_.text), encode(each.row));
        each.has_changed = false;
    }
    if (has_handled_changed_)
        rows.put(handled_key(name_.rollout, name_.arm, name_.text), encode_number(*handled_));
    has_handled_changed_ = has_changed_ = false;
}

}  // namespace decklog::projections::rollout
