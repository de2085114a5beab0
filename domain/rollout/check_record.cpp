#include "domain/rollout/check_record.hpp"

namespace decklog::domain {
namespace {

using namespace gate;  // NOLINT: this file is about its counts

std::unique_ptr<fb::GateArmT> record_of(const ArmCounts& arm) {
    auto record = std::make_unique<fb::GateArmT>();
    record->units = arm.units;
    record->errors = arm.errors;
    record->attempted = arm.attempted;
    record->late = arm.late;
    return record;
}

ArmCounts arm_of(const std::unique_ptr<fb::GateArmT>& record) {
    if (!record) return {};
    return {record->units, record->errors, record->attempted, record->late};
}

std::unique_ptr<fb::GateWindowT> record_of(const WindowCounts& window) {
    auto record = std::make_unique<fb::GateWindowT>();
    record->units = window.units;
    record->errors = window.errors;
    return record;
}

WindowCounts window_of(const std::unique_ptr<fb::GateWindowT>& record) {
    if (!record) return {};
    return {record->units, record->errors};
}

std::unique_ptr<fb::GateBurnT> record_of(const BurnWindows& burn) {
    auto record = std::make_unique<fb::GateBurnT>();
    record->five_minutes = record_of(burn.five_minutes);
    record->thirty_minutes = record_of(burn.thirty_minutes);
    record->one_hour = record_of(burn.one_hour);
    record->six_hours = record_of(burn.six_hours);
    record->three_days = record_of(burn.three_days);
    return record;
}

BurnWindows burn_of(const fb::GateBurnT& record) {
    return {window_of(record.five_minutes), window_of(record.thirty_minutes),
            window_of(record.one_hour), window_of(record.six_hours), window_of(record.three_days)};
}

}  // namespace

std::unique_ptr<fb::GateCheckT> record_of(const SealedCheck& check) {
    auto record = std::make_unique<fb::GateCheckT>();
    record->sealed_at = check.sealed_at_us;
    record->canary_share = check.canary_share;
    record->handled_canary = check.handled.canary;
    record->handled_baseline = check.handled.baseline;
    for (const StreamCounts& counts : check.streams) {
        auto row = std::make_unique<fb::GateCountsT>();
        row->canary = record_of(counts.canary);
        row->baseline = record_of(counts.baseline);
        if (counts.burn) row->burn = record_of(*counts.burn);
        record->streams.push_back(std::move(row));
    }
    return record;
}

SealedCheck check_of(const fb::GateCheckT& record) {
    SealedCheck check;
    check.sealed_at_us = record.sealed_at;
    check.canary_share = record.canary_share;
    check.handled = {record.handled_canary, record.handled_baseline};
    for (const auto& row : record.streams) {
        StreamCounts counts{arm_of(row->canary), arm_of(row->baseline), std::nullopt};
        if (row->burn) counts.burn = burn_of(*row->burn);
        check.streams.push_back(counts);
    }
    return check;
}

std::vector<std::unique_ptr<fb::GateEvidenceT>> record_of(
    const std::vector<StreamEvidence>& streams) {
    std::vector<std::unique_ptr<fb::GateEvidenceT>> record;
    for (const StreamEvidence& each : streams) {
        auto row = std::make_unique<fb::GateEvidenceT>();
        row->ln_regression_plain = each.ln_regression_plain;
        row->ln_regression = each.ln_regression;
        row->ln_rollback_at = each.ln_rollback_at;
        row->ln_promotion = each.ln_promotion;
        row->ln_floor = each.ln_floor.value_or(0);
        row->has_floor = each.ln_floor.has_value();
        row->ln_for_promotion = each.ln_for_promotion;
        row->ln_promote_at = each.ln_promote_at;
        row->has_canary = each.has_canary;
        row->has_baseline = each.has_baseline;
        row->is_silent = each.is_silent;
        row->has_gap = each.has_gap;
        record.push_back(std::move(row));
    }
    return record;
}

std::vector<StreamEvidence> evidence_of(
    const std::vector<std::unique_ptr<fb::GateEvidenceT>>& record) {
    std::vector<StreamEvidence> streams;
    for (const auto& row : record) {
        StreamEvidence each;
        each.ln_regression_plain = row->ln_regression_plain;
        each.ln_regression = row->ln_regression;
        each.ln_rollback_at = row->ln_rollback_at;
        each.ln_promotion = row->ln_promotion;
        if (row->has_floor) each.ln_floor = row->ln_floor;
        each.ln_for_promotion = row->ln_for_promotion;
        each.ln_promote_at = row->ln_promote_at;
        each.has_canary = row->has_canary;
        each.has_baseline = row->has_baseline;
        each.is_silent = row->is_silent;
        each.has_gap = row->has_gap;
        streams.push_back(each);
    }
    return streams;
}

}  // namespace decklog::domain
