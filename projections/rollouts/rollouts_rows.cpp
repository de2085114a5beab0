#include "projections/rollouts/rollouts_rows.hpp"

#include <array>

#include "projections/counting/ordered_bytes.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rollout {
namespace {

using domain::gate::ArmCounts;
using domain::gate::BurnWindows;
using domain::gate::HandledCounts;
using domain::gate::StreamCounts;

constexpr std::uint8_t kHasLeft = 1, kIsLate = 2;

std::string named_key(char kind, std::string_view workspace, std::string_view name) {
    std::string key(1, kind);
    counting::put_ordered(key, workspace);
    counting::put_ordered(key, name);
    return key;
}

void put_unit(std::string& key, Arm arm, std::string_view unit) {
    key.push_back(static_cast<char>(arm));
    key.append(unit);
}

void put_arm(std::string& out, const ArmCounts& arm) {
    for (const std::uint64_t count : {arm.units, arm.errors, arm.attempted, arm.late})
        put_varint(out, count);
}

ArmCounts arm_in(RowBytes& bytes) {
    ArmCounts arm;
    arm.units = bytes.varint();
    arm.errors = bytes.varint();
    arm.attempted = bytes.varint();
    arm.late = bytes.varint();
    return arm;
}

constexpr std::array kWindows{&BurnWindows::five_minutes, &BurnWindows::thirty_minutes,
                              &BurnWindows::one_hour, &BurnWindows::six_hours,
                              &BurnWindows::three_days};

void put_burn(std::string& out, const std::optional<BurnWindows>& burn) {
    out.push_back(burn ? '\1' : '\0');
    if (!burn) return;
    for (const auto window : kWindows) {
        put_varint(out, ((*burn).*window).units);
        put_varint(out, ((*burn).*window).errors);
    }
}

std::optional<BurnWindows> burn_in(RowBytes& bytes) {
    if (bytes.byte() == 0) return std::nullopt;
    BurnWindows burn;
    for (const auto window : kWindows) {
        (burn.*window).units = bytes.varint();
        (burn.*window).errors = bytes.varint();
    }
    return burn;
}

void put_counts(std::string& out, const HandledCounts& handled,
                const std::vector<StreamCounts>& streams) {
    put_varint(out, handled.canary);
    put_varint(out, handled.baseline);
    put_varint(out, streams.size());
    for (const StreamCounts& stream : streams) {
        put_arm(out, stream.canary);
        put_arm(out, stream.baseline);
        put_burn(out, stream.burn);
    }
}

void read_counts(RowBytes& bytes, HandledCounts& handled, std::vector<StreamCounts>& streams) {
    handled.canary = bytes.varint();
    handled.baseline = bytes.varint();
    for (std::uint64_t left = bytes.varint(); left > 0 && bytes.ok(); --left) {
        StreamCounts stream;
        stream.canary = arm_in(bytes);
        stream.baseline = arm_in(bytes);
        stream.burn = burn_in(bytes);
        streams.push_back(stream);
    }
}

std::uint32_t small(RowBytes& bytes) { return static_cast<std::uint32_t>(bytes.varint()); }

}  // namespace

std::string rollout_key(std::string_view workspace, std::string_view id) {
    return named_key(kRollout, workspace, id);
}

std::string counts_key(std::string_view workspace, std::string_view id,
                       std::uint64_t seal_ordinal) {
    std::string key = named_key(kCounts, workspace, id);
    put_be64(key, seal_ordinal);
    return key;
}

std::string open_key(std::uint32_t number) { return set_prefix(kOpen, number); }

std::string burn_key(std::uint32_t number) { return set_prefix(kBurn, number); }

std::string set_prefix(char kind, std::uint32_t number) {
    std::string key(1, kind);
    put_be32(key, number);
    return key;
}

std::string unit_key(std::uint32_t number, std::size_t stream, Arm arm, std::string_view unit) {
    std::string key = set_prefix(kUnit, number);
    key.push_back(static_cast<char>(stream));
    put_unit(key, arm, unit);
    return key;
}

std::string handled_key(std::uint32_t number, Arm arm, std::string_view unit) {
    std::string key = set_prefix(kHandled, number);
    put_unit(key, arm, unit);
    return key;
}

RolloutName name_in(std::string_view key) {
    RowBytes bytes(key);
    const bool is_counts = bytes.byte() == static_cast<std::uint8_t>(kCounts);
    RolloutName name;
    name.workspace = counting::ordered_text(bytes);
    name.id = counting::ordered_text(bytes);
    if (is_counts) name.seal_ordinal = bytes.be64();
    return name;
}

std::string encode(const RolloutRow& row) {
    std::string out;
    for (const std::string* text :
         {&row.service, &row.release, &row.baseline_release, &row.policy_hash})
        put_text(out, *text);
    out.push_back(static_cast<char>(row.stage));
    put_varint(out, row.weight_millis);
    put_varint(out, row.created_ordinal);
    put_varint(out, row.checks);
    for (const std::string* text : {&row.verdict, &row.reason, &row.subject}) put_text(out, *text);
    put_varint(out, row.verdict_ordinal);
    return out;
}

RolloutRow rollout_row(std::string_view packed) {
    RowBytes bytes(packed);
    RolloutRow row;
    for (std::string* text : {&row.service, &row.release, &row.baseline_release, &row.policy_hash})
        *text = bytes.text();
    row.stage = static_cast<domain::RolloutStage>(bytes.byte());
    row.weight_millis = small(bytes);
    row.created_ordinal = bytes.varint();
    row.checks = small(bytes);
    for (std::string* text : {&row.verdict, &row.reason, &row.subject}) *text = bytes.text();
    row.verdict_ordinal = bytes.varint();
    return row;
}

std::string encode(const CountsRow& row) {
    std::string out;
    put_signed(out, row.sealed_at_us);
    put_varint(out, row.weight_millis);
    put_counts(out, row.handled, row.streams);
    return out;
}

CountsRow counts_row(std::string_view packed) {
    RowBytes bytes(packed);
    CountsRow row;
    row.sealed_at_us = bytes.signed_varint();
    row.weight_millis = small(bytes);
    read_counts(bytes, row.handled, row.streams);
    return row;
}

std::string encode(const OpenRow& row) {
    std::string out;
    for (const std::string* text :
         {&row.workspace, &row.id, &row.release, &row.baseline_release, &row.policy})
        put_text(out, *text);
    out.push_back(static_cast<char>(row.stage));
    for (const std::uint32_t number : {row.weight_millis, row.watch, row.check})
        put_varint(out, number);
    put_signed(out, row.range_began_us);
    put_counts(out, row.handled, row.streams);
    return out;
}

OpenRow open_row(std::string_view packed) {
    RowBytes bytes(packed);
    OpenRow row;
    for (std::string* text :
         {&row.workspace, &row.id, &row.release, &row.baseline_release, &row.policy})
        *text = bytes.text();
    row.stage = static_cast<domain::RolloutStage>(bytes.byte());
    for (std::uint32_t* number : {&row.weight_millis, &row.watch, &row.check})
        *number = small(bytes);
    row.range_began_us = bytes.signed_varint();
    read_counts(bytes, row.handled, row.streams);
    return row;
}

std::string encode(const UnitRow& row) {
    std::string out;
    put_varint(out, row.watch);
    put_varint(out, row.check);
    out.push_back(static_cast<char>((row.has_left ? kHasLeft : 0) | (row.is_late ? kIsLate : 0)));
    return out;
}

UnitRow unit_row(std::string_view packed) {
    RowBytes bytes(packed);
    UnitRow row;
    row.watch = small(bytes);
    row.check = small(bytes);
    const std::uint8_t flags = bytes.byte();
    row.has_left = (flags & kHasLeft) != 0;
    row.is_late = (flags & kIsLate) != 0;
    return row;
}

std::string encode(const std::vector<BurnHistory>& histories) {
    std::string out;
    put_varint(out, histories.size());
    for (const BurnHistory& history : histories) history.put(out);
    return out;
}

std::vector<BurnHistory> burn_row(std::string_view packed) {
    RowBytes bytes(packed);
    std::vector<BurnHistory> histories;
    for (std::uint64_t left = bytes.varint(); left > 0 && bytes.ok(); --left)
        histories.push_back(BurnHistory::read(bytes));
    return histories;
}

std::string encode_number(std::int64_t number) {
    std::string out;
    put_signed(out, number);
    return out;
}

std::int64_t number_row(std::string_view packed) { return RowBytes(packed).signed_varint(); }

}  // namespace decklog::projections::rollout
