#include "projections/rollouts/rollouts_fold.hpp"

#include <algorithm>
#include <cmath>

#include "domain/payload.hpp"
#include "domain/rollout/policy_record.hpp"
#include "domain/rollout/stream_part.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rollout {
namespace {

using domain::EventType;
using domain::EventView;
using domain::StreamPart;
using domain::unit_of;
using domain::gate::ArmCounts;

constexpr double kMillis = 1'000;

std::string_view view_of(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

std::string_view id_in(std::string_view stream) {
    constexpr std::string_view kKind = "rollout/";
    return stream.starts_with(kKind) ? stream.substr(kKind.size()) : std::string_view{};
}

std::uint32_t millis_of(double weight) {
    return static_cast<std::uint32_t>(std::lround(weight * kMillis));
}

std::optional<domain::gate::Policy> policy_in(std::string_view created) {
    const auto payload = domain::decode_payload<fb::RolloutCreated>(
        {reinterpret_cast<const std::uint8_t*>(created.data()), created.size()});
    if (!payload || !payload->policy) return std::nullopt;
    return domain::policy_of(*payload->policy);
}

ArmCounts& arm_in(domain::gate::StreamCounts& counts, Arm arm) {
    return arm == Arm::canary ? counts.canary : counts.baseline;
}

}  // namespace

std::optional<Arm> arm_of(const EventView& event, const OpenRow& row) {
    const std::string_view release = event.release();
    const auto is = [&row, release](const std::string& mine) {
        return release.empty() || row.release.empty() || release == mine;
    };
    if (event.cohort() == domain::Cohort::shadow) {
        const bool is_of_these = is(row.release) || is(row.baseline_release);
        return is_of_these ? std::optional(Arm::baseline) : std::nullopt;
    }
    const bool is_of_stage =
        (row.stage == domain::RolloutStage::canary && event.cohort() == domain::Cohort::canary) ||
        (row.stage == domain::RolloutStage::full && event.cohort() == domain::Cohort::full);
    return is_of_stage && is(row.release) ? std::optional(Arm::canary) : std::nullopt;
}

RolloutsFold::RolloutsFold(const RowReader& rows, ArmRule rule)
    : rows_(rows), units_(rows), rule_(std::move(rule)) {
    const std::string prefix(1, kOpen);
    rows.scan(prefix, end_of_prefix(prefix), [this](std::string_view key, std::string_view value) {
        OpenRow row = open_row(value);
        auto policy = policy_in(row.policy);
        RowBytes bytes(key);
        static_cast<void>(bytes.byte());
        if (policy) open_.emplace(bytes.be32(), Open{std::move(row), *std::move(policy)});
        return true;
    });
    for (auto& [number, open] : open_) {
        if (const auto burned = rows.get(burn_key(number))) open.burn = burn_row(*burned);
    }
    if (const auto given = rows.get(std::string(1, kNumbers)))
        given_ = static_cast<std::uint32_t>(number_row(*given));
}

std::optional<Parked> RolloutsFold::apply(const EventView& event) {
    if (domain::family_of(event.type()) == domain::Family::rollout) return apply_own(event);
    if (!event.is(EventType::audit_action_recorded)) return std::nullopt;
    for (auto& [number, open] : open_) {
        if (open.row.workspace == event.workspace()) count(event, number, open);
    }
    return std::nullopt;
}

std::optional<Parked> RolloutsFold::apply_own(const EventView& event) {
    bool is_sound = true;
    if (event.is(EventType::rollout_created)) is_sound = on_created(event);
    if (event.is(EventType::rollout_stage_changed)) is_sound = on_stage_changed(event);
    if (event.is(EventType::check_sealed)) is_sound = on_sealed(event);
    if (event.is(EventType::verdict_reached)) is_sound = on_verdict(event);
    if (is_sound) return std::nullopt;
    return Parked{std::string(event.stream()), "the payload of a rollout's event does not verify"};
}

void RolloutsFold::finish(RowWriter& rows) {
    for (auto& [number, open] : open_) {
        if (open.has_changed) rows_.put(open_key(number), encode(open.row));
        if (open.has_burned) rows_.put(burn_key(number), encode(open.burn));
        open.has_changed = open.has_burned = false;
    }
    rows_.finish(rows);
    units_.finish(rows);
}

std::optional<CountsRow> RolloutsFold::sealed_counts(std::string_view workspace,
                                                     std::string_view id,
                                                     std::uint64_t seal_ordinal) {
    const auto& stored = rows_.get(counts_key(workspace, id, seal_ordinal));
    return stored ? std::optional(counts_row(*stored)) : std::nullopt;
}

// ---- a rollout's own events

RolloutsFold::OpenRollouts::iterator RolloutsFold::find(const EventView& event) {
    return std::find_if(open_.begin(), open_.end(), [&event](const auto& each) {
        return each.second.row.workspace == event.workspace() &&
               each.second.row.id == id_in(event.stream());
    });
}

bool RolloutsFold::on_created(const EventView& event) {
    const auto* created = event.payload_as<fb::RolloutCreated>();
    if (created == nullptr) return false;
    const std::string bytes(reinterpret_cast<const char*>(event.payload_data()),
                            event.payload_size());
    auto policy = policy_in(bytes);
    if (!policy) return false;
    Open open{{}, *std::move(policy)};
    open.row.policy = bytes;
    open.row.workspace = event.workspace();
    open.row.id = id_in(event.stream());
    open.row.release = view_of(created->release());
    open.row.baseline_release = view_of(created->baseline_release());
    open.row.range_began_us = event.recorded_at_us();
    open.row.streams.resize(open.policy.streams.size());
    open.has_changed = true;
    RolloutRow row;
    row.service = view_of(created->service());
    row.release = open.row.release;
    row.baseline_release = open.row.baseline_release;
    row.policy_hash = view_of(created->policy_hash());
    row.created_ordinal = event.position().ordinal;
    rows_.put(rollout_key(open.row.workspace, open.row.id), encode(row));
    rows_.put(std::string(1, kNumbers), encode_number(++given_));
    open_.emplace(given_, std::move(open));
    return true;
}

bool RolloutsFold::on_stage_changed(const EventView& event) {
    const auto* changed = event.payload_as<fb::RolloutStageChanged>();
    const auto stage = changed == nullptr
                           ? std::nullopt
                           : domain::rollout_stage_from_text(view_of(changed->stage()));
    if (!stage) return false;
    const std::string key = rollout_key(event.workspace(), id_in(event.stream()));
    if (const auto& stored = rows_.get(key)) {
        RolloutRow row = rollout_row(*stored);
        row.stage = *stage;
        row.weight_millis = millis_of(changed->weight());
        rows_.put(key, encode(row));
    }
    const auto open = find(event);
    if (open == open_.end()) return true;
    if (domain::is_finished(*stage)) {
        close(open);
        return true;
    }
    OpenRow& row = open->second.row;
    const std::uint32_t weight = millis_of(changed->weight());
    const bool is_next_step = *stage == row.stage && weight != row.weight_millis;
    if (!is_next_step) ++row.watch;
    row.stage = *stage;
    row.weight_millis = weight;
    if (*stage == domain::RolloutStage::full) {
        open->second.burn.assign(row.streams.size(), {});
        open->second.has_burned = true;
    }
    begin_range(open->second, event.recorded_at_us());
    return true;
}

void RolloutsFold::begin_range(Open& open, std::int64_t now_us) {
    ++open.row.check;
    open.row.range_began_us = now_us;
    open.row.handled = {};
    open.row.streams.assign(open.row.streams.size(), {});
    open.has_changed = true;
}

bool RolloutsFold::on_sealed(const EventView& event) {
    const auto* sealed = event.payload_as<fb::CheckSealed>();
    if (sealed == nullptr) return false;
    const auto open = find(event);
    if (open == open_.end()) return true;
    OpenRow& row = open->second.row;
    CountsRow counts;
    counts.sealed_at_us = event.recorded_at_us();
    counts.weight_millis = row.stage == domain::RolloutStage::canary ? row.weight_millis : 0;
    counts.handled = row.handled;
    counts.streams = closed_counts(open->second, event.recorded_at_us());
    rows_.put(counts_key(row.workspace, row.id, event.position().ordinal), encode(counts));
    const std::string key = rollout_key(row.workspace, row.id);
    if (const auto& stored = rows_.get(key)) {
        RolloutRow state = rollout_row(*stored);
        state.checks = sealed->number();
        rows_.put(key, encode(state));
    }
    begin_range(open->second, event.recorded_at_us());
    return true;
}

bool RolloutsFold::on_verdict(const EventView& event) {
    const auto* reached = event.payload_as<fb::VerdictReached>();
    if (reached == nullptr) return false;
    const std::string key = rollout_key(event.workspace(), id_in(event.stream()));
    const auto& stored = rows_.get(key);
    if (!stored) return true;
    RolloutRow row = rollout_row(*stored);
    row.verdict = view_of(reached->verdict());
    row.reason = view_of(reached->reason());
    row.subject = view_of(reached->subject());
    row.verdict_ordinal = event.position().ordinal;
    rows_.put(key, encode(row));
    return true;
}

void RolloutsFold::close(OpenRollouts::iterator open) {
    const std::uint32_t number = open->first;
    rows_.erase(open_key(number));
    rows_.erase(burn_key(number));
    units_.forget(number);
    for (const char kind : {kUnit, kHandled}) rows_.erase_all(set_prefix(kind, number));
    open_.erase(open);
}

// ---- counting

void RolloutsFold::count(const EventView& event, std::uint32_t number, Open& open) {
    const auto& entries = open.parts.of_action(event.action());
    if (entries.empty()) return;
    const auto arm = rule_(event, open.row);
    if (!arm) return;
    const std::string_view platform = event.platform();
    KnownUnit* last = nullptr;  // the streams of an action mostly count the same unit
    const auto known = [&](domain::gate::UnitOf counted) -> KnownUnit& {
        const std::string_view text = unit_of(event, counted);
        if (last == nullptr || last->text() != text) last = &units_.find({number, *arm, text});
        return *last;
    };
    bool is_counted = false;
    for (const auto& entry : entries) {
        if (!entry.takes(platform)) continue;
        KnownUnit& unit = known(open.policy.streams[entry.stream].unit);
        count_unit(event, open, entry.stream, unit, *arm, entry.part == StreamPart::error);
        is_counted = true;
    }
    if (is_counted) count_handled(open, *arm, known(domain::gate::UnitOf::unit));
}

void RolloutsFold::count_unit(const EventView& event, Open& open, std::size_t stream,
                              KnownUnit& known, Arm arm, bool is_error) {
    UnitRow unit = known.in(stream);
    if (unit.watch != open.row.watch) unit = {open.row.watch, 0, false, false};
    ArmCounts& counts = arm_in(open.row.streams[stream], arm);
    const bool is_late = event.occurred_at_us() < open.row.range_began_us;
    const UnitRow before = unit;
    const ArmCounts counted = counts;
    if (unit.check != open.row.check) {
        unit.check = open.row.check;
        unit.is_late = is_late;
        ++counts.attempted;
        counts.late += is_late ? 1 : 0;
        counts.units += unit.has_left ? 0 : 1;
    } else if (unit.is_late && !is_late) {
        unit.is_late = false;
        --counts.late;
    }
    if (is_error && !unit.has_left) {
        unit.has_left = true;
        ++counts.errors;
    }
    const bool has_changed = before.check != unit.check || before.is_late != unit.is_late ||
                             before.has_left != unit.has_left;
    if (!has_changed) return;
    known.put(stream, unit);
    open.has_changed = true;
    if (arm == Arm::canary) {
        note_burn(open, stream, event.recorded_at_us(),
                  {counts.units - counted.units, counts.errors - counted.errors});
    }
}

/// Streams without an error budget burn none.
void RolloutsFold::note_burn(Open& open, std::size_t stream, std::int64_t at_us,
                             const domain::gate::WindowCounts& counts) {
    const bool has_budget = open.policy.streams[stream].floor > 0;
    if (open.burn.empty() || !has_budget || counts == domain::gate::WindowCounts{}) return;
    open.burn[stream].add(at_us, counts);
    open.has_burned = true;
}

std::vector<domain::gate::StreamCounts> RolloutsFold::closed_counts(const Open& open,
                                                                    std::int64_t now_us) {
    std::vector<domain::gate::StreamCounts> streams = open.row.streams;
    for (std::size_t i = 0; i < open.burn.size(); ++i) {
        if (open.policy.streams[i].floor > 0) streams[i].burn = open.burn[i].windows(now_us);
    }
    return streams;
}

/// Whatever the stream: in the range in which the watch saw the unit first.
void RolloutsFold::count_handled(Open& open, Arm arm, KnownUnit& unit) {
    if (unit.handled_in() == open.row.watch) return;
    unit.put_handled(open.row.watch);
    ++(arm == Arm::canary ? open.row.handled.canary : open.row.handled.baseline);
    open.has_changed = true;
}

}  // namespace decklog::projections::rollout
