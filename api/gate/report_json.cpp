#include "api/gate/report_json.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "domain/gate/report_text.hpp"

namespace decklog::api {
namespace {

namespace gate = domain::gate;

void number(JsonWriter& out, std::string_view key, double value) {
    out.key(key).raw(json_number(value));
}
void number_if_any(JsonWriter& out, std::string_view key, const std::optional<double>& value) {
    if (value) number(out, key, *value);
}

void write_arm(JsonWriter& out, const gate::ArmCounts& arm) {
    out.key("units").number(arm.units);
    out.key("errors").number(arm.errors);
    out.key("attempted").number(arm.attempted);
    out.key("late").number(arm.late);
}

/// A frozen baseline has no more than units and errors; a floor has neither. At full the shadow of
/// a concurrent one is over, and so it is another kind.
void write_baseline(JsonWriter& out, const gate::StreamReport& stream) {
    const bool was_concurrent =
        stream.is_frozen && stream.stream.baseline == gate::BaselineKind::concurrent;
    out.key("baseline").begin_object();
    out.field("kind", was_concurrent ? "frozen" : to_text(stream.stream.baseline));
    if (stream.is_frozen) {
        number(out, "units", stream.frozen.units);
        number(out, "errors", stream.frozen.errors);
    } else if (stream.stream.baseline != gate::BaselineKind::floor) {
        write_arm(out, stream.baseline);
    }
    number_if_any(out, "rate", stream.baseline_rate);
    if (stream.stream.floor > 0) number(out, "floor", stream.stream.floor);
    out.end_object();
}

void write_evidence(JsonWriter& out, const gate::StreamEvidence& evidence) {
    number(out, "lnERPlain", evidence.ln_regression_plain);
    number(out, "lnER", evidence.ln_regression);
    number(out, "lnRollbackAt", evidence.ln_rollback_at);
    number(out, "lnEP", evidence.ln_promotion);
    number_if_any(out, "lnEF", evidence.ln_floor);
    number(out, "lnForPromotion", evidence.ln_for_promotion);
    number(out, "lnPromoteAt", evidence.ln_promote_at);
}

void write_stream(JsonWriter& out, const gate::StreamReport& stream, const CursorOf& cursor_of) {
    out.begin_object().field("action", stream.stream.action);
    out.field_if_any("platform", stream.stream.platform);
    out.field("role", to_text(stream.stream.role));
    out.field("state", stream.state == gate::Reason::none ? "proven" : to_text(stream.state));
    out.key("canary").begin_object();
    write_arm(out, stream.canary);
    number_if_any(out, "rate", stream.canary_rate);
    out.end_object();
    write_baseline(out, stream);
    number_if_any(out, "ratio", stream.ratio);
    if (stream.interval) write_interval(out, *stream.interval);
    write_evidence(out, stream.evidence);
    if (!stream.error_ordinals.empty()) {
        out.key("errorPositions").begin_array();
        for (const std::uint64_t ordinal : stream.error_ordinals) out.text(cursor_of(ordinal));
        out.end_array();
    }
    if (stream.burn != gate::BurnAlert::none) out.field("burn", to_text(stream.burn));
    if (stream.clean_checks) out.key("cleanChecksToProve").number(*stream.clean_checks);
    if (stream.errors_to_rollback) out.key("errorsToRollBack").number(*stream.errors_to_rollback);
    if (stream.units_to_exposure) out.key("unitsToExposure").number(*stream.units_to_exposure);
    out.end_object();
}

void write_verdict(JsonWriter& out, const gate::Judgement& judgement, const CursorOf& cursor_of) {
    out.field("verdict", to_text(judgement.verdict)).field("reason", to_text(judgement.reason));
    out.field_if_any("subject", judgement.subject);
    if (judgement.cause) out.field("cause", cursor_of(*judgement.cause));
    if (judgement.missing != gate::Reason::none) out.field("missing", to_text(judgement.missing));
}

}  // namespace

std::string json_number(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

void write_interval(JsonWriter& out, const gate::RatioInterval& interval) {
    out.key("interval").begin_object();
    number(out, "low", interval.low);
    if (interval.high)
        number(out, "high", *interval.high);
    else
        out.key("high").null();
    out.end_object();
}

void write_report(JsonWriter& out, const gate::Report& report, const CursorOf& cursor_of) {
    const gate::Judgement& judgement = report.judgement;
    write_verdict(out, judgement, cursor_of);
    out.field("stage", to_text(report.stage));
    out.key("check").number(judgement.checks);
    out.key("provenInARow").number(judgement.passes);
    if (report.clean_checks) out.key("cleanChecksToPromote").number(*report.clean_checks);
    number(out, "lnShare", judgement.ln_share);
    number(out, "lnShareHoldsAt", judgement.ln_share_at);
    out.key("openGates").begin_array();
    for (const std::string& name : report.open_gates) out.text(name);
    out.end_array();
    out.key("streams").begin_array();
    for (const gate::StreamReport& stream : report.streams) write_stream(out, stream, cursor_of);
    out.end_array();
}

}  // namespace decklog::api
