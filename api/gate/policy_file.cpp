#include "api/gate/policy_file.hpp"

#include <sodium.h>

#include <array>

#include "api/gate/toml_table.hpp"
#include "domain/gate/profiles.hpp"
#include "domain/ids.hpp"

namespace decklog::api {
namespace {

namespace gate = domain::gate;

constexpr const char* kCode = "invalid_policy";

void read_stream(TomlTable& table, gate::StreamPolicy& stream) {
    using gate::BaselineKind;
    using gate::StreamRole;
    using gate::UnitOf;
    table.text("action", stream.action)
        .text("platform", stream.platform)
        .choice("role", {StreamRole::required, StreamRole::advisory, StreamRole::dry_run},
                stream.role)
        .number("weight", stream.weight)
        .texts("attempts", stream.attempts)
        .choice("unit", {UnitOf::unit, UnitOf::conversation, UnitOf::stream}, stream.unit)
        .choice("baseline", {BaselineKind::concurrent, BaselineKind::previous, BaselineKind::floor},
                stream.baseline)
        .number("floor", stream.floor)
        .truth("floor_only", stream.floor_only)
        .count("baseline_errors", stream.baseline_errors)
        .done();
}

void read_policy(TomlTable& table, gate::Policy& policy) {
    table.number("alpha", policy.alpha)
        .number("ratio_ok", policy.ratio_ok)
        .number("ratio_bad", policy.ratio_bad)
        .count("horizon", policy.horizon)
        .truth("restart", policy.restart)
        .count("consecutive_checks", policy.consecutive_checks)
        .count("minimum_exposure", policy.minimum_exposure)
        .numbers("canary_weights", policy.canary_weights)
        .count("full_watch_seconds", policy.full_watch_seconds)
        .count("seal_every_seconds", policy.seal_every_seconds)
        .count("seal_units", policy.seal_units)
        .number("gap_share", policy.gap_share)
        .texts("required_platforms", policy.required_platforms)
        .texts("required_gates", policy.required_gates)
        .texts("required_drills", policy.required_drills)
        .table("silence",
               [&](TomlTable& silence) {
                   silence.count("checks", policy.silence.checks)
                       .count("seconds", policy.silence.seconds)
                       .number("expected_units", policy.silence.expected_units)
                       .done();
               })
        .table("grids", [&](TomlTable& grids) {
            grids.mixture("regression", policy.grids.regression)
                .mixture("promotion", policy.grids.promotion)
                .mixture("floor", policy.grids.floor)
                .mixture("floor_regression", policy.grids.floor_regression)
                .mixture("share", policy.grids.share)
                .done();
        });
    std::vector<gate::StreamPolicy> streams;
    table.tables("streams", [&](TomlTable& item) { read_stream(item, streams.emplace_back()); });
    if (table.has("streams")) policy.streams = std::move(streams);
    table.done();
}

/// What the document begins from.
gate::Policy base_of(TomlTable& table, TomlReading& reading) {
    std::string profile = "default";
    table.text("profile", profile);
    auto policy = gate::find_profile(profile);
    if (!policy) reading.refuse("profile", "must be one of default, lease-bot");
    return policy ? std::move(*policy) : gate::Policy{};
}

/// The parser's own words may quote the file, so only the place is told.
domain::Decision<toml::table> parse(std::string_view text) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        const auto where = error.source().begin;
        const bool is_a_word = text.find_first_of("=[\n") == std::string_view::npos;
        return domain::reject(kCode, (is_a_word ? "the profiles are default and lease-bot; " : "") +
                                         std::string("line ") + std::to_string(where.line) +
                                         ": column " + std::to_string(where.column) +
                                         " is not TOML");
    }
}

}  // namespace

domain::Decision<gate::Policy> parse_policy(std::string_view text) {
    if (text.size() > kPolicyBytesMax)
        return domain::reject(kCode, "the policy is too large", {}, kPolicyBytesMax);
    const auto document = parse(text);
    if (!document) return tl::unexpected(document.error());
    TomlReading reading(kCode);
    TomlTable table(*document, {}, reading);
    gate::Policy policy = base_of(table, reading);
    read_policy(table, policy);
    if (!reading.is_refused()) {
        if (const auto refusal = gate::refusal_of(policy))
            reading.refuse(refusal->field, refusal->message, refusal->limit);
    }
    if (reading.is_refused()) return tl::unexpected(*reading.refusal());
    return policy;
}

std::string policy_hash(const gate::Policy& policy) {
    const std::string text = gate::canonical_text(policy);
    std::array<unsigned char, 32> hash{};
    crypto_generichash_blake2b(hash.data(), hash.size(),
                               reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                               nullptr, 0);
    return domain::to_hex(hash);
}

}  // namespace decklog::api
