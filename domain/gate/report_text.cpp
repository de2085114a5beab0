#include "domain/gate/report_text.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace decklog::domain::gate {
namespace {

constexpr std::size_t kNameColumns = 60;

std::string decimals(double value, int count) {
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.*f", count, value);
    return {text.data(), static_cast<std::size_t>(length)};
}
std::string evidence(double ln) { return decimals(ln, 3); }
std::string percent(const std::optional<double>& rate) {
    return rate ? decimals(*rate * 100, 4) + " %" : "no rate";
}
std::string count(double value) { return decimals(value, 0); }

/// At most so many code points, the rest as `…`.
std::string cut(std::string_view text, std::size_t columns) {
    std::size_t points = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
        if (begins && ++points == columns) {
            std::size_t rest = i + 1;
            while (rest < text.size() && (static_cast<unsigned char>(text[rest]) & 0xC0U) == 0x80U)
                ++rest;
            return rest == text.size() ? std::string(text) : std::string(text.substr(0, i)) + "…";
        }
    }
    return std::string(text);
}

std::string errors_of(double errors, double units) { return count(errors) + " of " + count(units); }
std::string canary_counts(const StreamReport& stream) {
    return errors_of(static_cast<double>(stream.canary.errors),
                     static_cast<double>(stream.canary.units));
}

/// What the canary is compared with: its name and its counts.
struct Baseline {
    std::string name, counts;
};
Baseline baseline_of(const StreamReport& stream) {
    if (stream.stream.baseline == BaselineKind::floor)
        return {"floor", percent(stream.stream.floor)};
    if (stream.is_frozen) return {"before", errors_of(stream.frozen.errors, stream.frozen.units)};
    return {"shadow", errors_of(static_cast<double>(stream.baseline.errors),
                                static_cast<double>(stream.baseline.units))};
}

std::string ratio_text(const StreamReport& stream) {
    if (!stream.interval) return "none: the floor judges alone";
    const std::string high =
        stream.interval->high ? decimals(*stream.interval->high, 4) : "no bound";
    return (stream.ratio ? decimals(*stream.ratio, 4) : std::string("unknown")) +
           ", 95 %: " + decimals(stream.interval->low, 4) + " to " + high;
}

std::string state_text(const StreamReport& stream) {
    return stream.state == Reason::none ? "proven" : std::string(to_text(stream.state));
}

std::string checks(std::uint32_t count) {
    return std::to_string(count) + " more clean " + (count == 1 ? "check" : "checks");
}

/// What would change it.
std::vector<std::string> flips(const StreamReport& stream) {
    std::vector<std::string> lines;
    if (stream.errors_to_rollback && *stream.errors_to_rollback > 0) {
        const bool is_one = *stream.errors_to_rollback == 1;
        lines.push_back(
            std::to_string(*stream.errors_to_rollback) + " more canary " +
            (is_one ? "error" : "errors") + " in the last check would " +
            (stream.stream.role == StreamRole::dry_run ? "count as a regression" : "roll back"));
    }
    if (stream.units_to_exposure && *stream.units_to_exposure > 0) {
        const bool is_one = *stream.units_to_exposure == 1;
        lines.push_back(std::to_string(*stream.units_to_exposure) + " more " +
                        (is_one ? "unit" : "units") + " of the shadow would be enough");
    }
    if (stream.clean_checks && *stream.clean_checks > 0)
        lines.push_back(checks(*stream.clean_checks) + " would prove it");
    return lines;
}

std::string headline(const Report& report) {
    const Judgement& judgement = report.judgement;
    std::string text(to_text(judgement.verdict));
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    text.append(" (").append(to_text(judgement.reason)).append(")");
    if (!judgement.subject.empty()) text.append(": ").append(cut(judgement.subject, kNameColumns));
    return text;
}

std::string situation(const Report& report) {
    const Judgement& judgement = report.judgement;
    std::string text(meaning_of(judgement.reason));
    text.append("; ").append(to_text(report.stage)).append(", check ");
    text.append(std::to_string(judgement.checks));
    if (judgement.passes > 0) text.append(", proven in ").append(std::to_string(judgement.passes));
    return text;
}

/// Lines under the headline that are about the whole.
std::vector<std::string> whole(const Report& report) {
    const Judgement& judgement = report.judgement;
    std::vector<std::string> lines{situation(report)};
    if (judgement.missing != Reason::none)
        lines.push_back("missing: " + std::string(meaning_of(judgement.missing)));
    if (judgement.cause) lines.push_back("cause: position 0:" + std::to_string(*judgement.cause));
    if (report.stage == Stage::canary && !judgement.streams.empty())
        lines.push_back("share check: ln E " + evidence(judgement.ln_share) + ", holds at " +
                        evidence(judgement.ln_share_at));
    for (const std::string& gate : report.open_gates) lines.push_back("open gate: " + gate);
    if (const std::string more = promotion_forecast(report); !more.empty()) lines.push_back(more);
    return lines;
}

void add_line(std::string& text, std::string_view label, std::string_view value) {
    text.append("  ").append(label);
    text.append(label.size() < 8 ? 8 - label.size() : 1, ' ').append(value).append("\n");
}

std::string stream_title(const StreamReport& stream) {
    return cut(stream_name(stream.stream), kNameColumns) + " (" +
           std::string(to_text(stream.stream.role)) + "): " + state_text(stream);
}

/// As people type them: `0:412 0:398`.
std::string positions(const StreamReport& stream) {
    std::string text;
    for (const std::uint64_t ordinal : stream.error_ordinals)
        text.append(text.empty() ? "0:" : " 0:").append(std::to_string(ordinal));
    return text;
}

void add_proof(std::string& text, const StreamReport& stream) {
    const StreamEvidence& seen = stream.evidence;
    const std::string at = ", proven at " + evidence(seen.ln_promote_at);
    const std::string relative = "ln E_P " + evidence(seen.ln_promotion);
    if (!seen.ln_floor) return add_line(text, "proof", relative + at);
    const std::string floor = "ln E_F " + evidence(*seen.ln_floor);
    if (stream.stream.baseline == BaselineKind::floor) return add_line(text, "proof", floor + at);
    add_line(text, "proof", relative + ", " + floor);
    add_line(text, "", "half of each: " + evidence(seen.ln_for_promotion) + at);
}

void add_stream(std::string& text, const StreamReport& stream) {
    const Baseline baseline = baseline_of(stream);
    const StreamEvidence& seen = stream.evidence;
    text.append("\n").append(stream_title(stream)).append("\n");
    add_line(text, "canary", canary_counts(stream) + "  " + percent(stream.canary_rate));
    add_line(text, baseline.name,
             stream.baseline_rate ? baseline.counts + "  " + percent(stream.baseline_rate)
                                  : baseline.counts);
    add_line(text, "ratio", ratio_text(stream));
    add_line(text, "worse",
             "ln E_R " + evidence(seen.ln_regression) + " (plain " +
                 evidence(seen.ln_regression_plain) + "), rolls back at " +
                 evidence(seen.ln_rollback_at));
    add_proof(text, stream);
    if (stream.canary.late > 0)
        add_line(text, "late", std::to_string(stream.canary.late) + " units of the canary");
    if (stream.burn != BurnAlert::none) add_line(text, "burn", to_text(stream.burn));
    if (!stream.error_ordinals.empty()) add_line(text, "errors at", positions(stream));
    for (const std::string& flip : flips(stream)) add_line(text, "then", flip);
}

/// A cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '\\' || c == '`' || c == '*' || c == '_' || c == '<' || c == '[')
            out += '\\';
        out += c;
    }
    return out;
}

void add_row(std::string& text, const std::vector<std::string>& cells) {
    text += "|";
    for (const std::string& each : cells) text.append(" ").append(cell(each)).append(" |");
    text += "\n";
}

std::vector<std::string> row_of(const StreamReport& stream) {
    const Baseline baseline = baseline_of(stream);
    const StreamEvidence& seen = stream.evidence;
    std::string then;
    for (const std::string& flip : flips(stream))
        then.append(then.empty() ? "" : "; ").append(flip);
    return {stream_name(stream.stream),
            std::string(to_text(stream.stream.role)),
            state_text(stream),
            canary_counts(stream) + ", " + percent(stream.canary_rate),
            baseline.name + " " + baseline.counts +
                (stream.baseline_rate ? ", " + percent(stream.baseline_rate) : ""),
            ratio_text(stream),
            evidence(seen.ln_regression) + " of " + evidence(seen.ln_rollback_at),
            evidence(seen.ln_for_promotion) + " of " + evidence(seen.ln_promote_at),
            then};
}

}  // namespace

std::string_view to_text(Stage stage) {
    switch (stage) {
        case Stage::shadow:
            return "shadow";
        case Stage::canary:
            return "canary";
        case Stage::full:
            return "full";
    }
    return "";
}

std::string promotion_forecast(const Report& report) {
    if (!report.clean_checks || *report.clean_checks == 0) return {};
    // The planned checks are over and people decide; further ones are judged all the same.
    const bool is_beyond = report.judgement.reason == Reason::horizon_reached;
    return checks(*report.clean_checks) +
           (is_beyond ? " beyond the horizon would still promote" : " would promote") +
           (report.open_gates.empty() ? "" : ", once every open gate has passed");
}

std::string report_text(const Report& report) {
    std::string text = headline(report) + "\n";
    for (const std::string& line : whole(report)) text.append(line).append("\n");
    for (const StreamReport& stream : report.streams) add_stream(text, stream);
    return text;
}

std::string report_markdown(const Report& report) {
    std::string text = "**" + cell(headline(report)) + "**\n\n";
    for (const std::string& line : whole(report)) text.append("- ").append(cell(line)).append("\n");
    if (report.streams.empty()) return text;
    text += "\n";
    add_row(text, {"stream", "role", "state", "canary", "baseline", "ratio", "ln E_R",
                   "ln of the proof", "what would change it"});
    text += "|---|---|---|---|---|---|---|---|---|\n";
    for (const StreamReport& stream : report.streams) add_row(text, row_of(stream));
    std::string errors;
    for (const StreamReport& stream : report.streams) {
        if (stream.error_ordinals.empty()) continue;
        errors.append("- ").append(cell(stream_name(stream.stream)));
        errors.append(", errors at ").append(positions(stream)).append("\n");
    }
    return errors.empty() ? text : text + "\n" + errors;
}

}  // namespace decklog::domain::gate
