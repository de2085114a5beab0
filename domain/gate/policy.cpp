#include "domain/gate/policy.hpp"

#include <array>
#include <charconv>

namespace decklog::domain::gate {
namespace {

std::string number(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}
std::string number(std::uint32_t value) { return std::to_string(value); }
std::string truth(bool value) { return value ? "true" : "false"; }

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

template <class Items, class Text>
std::string list(const Items& items, const Text& text) {
    std::string out = "[";
    for (const auto& item : items) out.append(out.size() > 1 ? ", " : "").append(text(item));
    return out + "]";
}

std::string mixture(const Mixture& alternatives) {
    return list(alternatives, [](const Alternative& alternative) {
        return "[" + number(alternative.value) + ", " + number(alternative.weight) + "]";
    });
}

void add(std::string& text, std::string_view key, std::string_view value) {
    text.append(key).append(" = ").append(value).append("\n");
}

std::string stream_text(const StreamPolicy& stream) {
    std::string text = "\n[[streams]]\n";
    add(text, "action", quoted(stream.action));
    if (!stream.platform.empty()) add(text, "platform", quoted(stream.platform));
    add(text, "role", quoted(to_text(stream.role)));
    add(text, "weight", number(stream.weight));
    add(text, "attempts", list(stream.attempts, quoted));
    add(text, "unit", quoted(to_text(stream.unit)));
    add(text, "baseline", quoted(to_text(stream.baseline)));
    add(text, "floor", number(stream.floor));
    add(text, "floor_only", truth(stream.floor_only));
    add(text, "baseline_errors", number(stream.baseline_errors));
    return text;
}

}  // namespace

std::string canonical_text(const Policy& policy) {
    std::string text;
    add(text, "alpha", number(policy.alpha));
    add(text, "ratio_ok", number(policy.ratio_ok));
    add(text, "ratio_bad", number(policy.ratio_bad));
    add(text, "horizon", number(policy.horizon));
    add(text, "restart", truth(policy.restart));
    add(text, "consecutive_checks", number(policy.consecutive_checks));
    add(text, "minimum_exposure", number(policy.minimum_exposure));
    add(text, "canary_weights", list(policy.canary_weights, [](double w) { return number(w); }));
    add(text, "full_watch_seconds", number(policy.full_watch_seconds));
    add(text, "seal_every_seconds", number(policy.seal_every_seconds));
    add(text, "seal_units", number(policy.seal_units));
    add(text, "gap_share", number(policy.gap_share));
    add(text, "required_platforms", list(policy.required_platforms, quoted));
    add(text, "required_gates", list(policy.required_gates, quoted));
    add(text, "required_drills", list(policy.required_drills, quoted));
    text += "\n[silence]\n";
    add(text, "checks", number(policy.silence.checks));
    add(text, "seconds", number(policy.silence.seconds));
    add(text, "expected_units", number(policy.silence.expected_units));
    text += "\n[grids]\n";
    add(text, "regression", mixture(policy.grids.regression));
    add(text, "promotion", mixture(policy.grids.promotion));
    add(text, "floor", mixture(policy.grids.floor));
    add(text, "floor_regression", mixture(policy.grids.floor_regression));
    add(text, "share", mixture(policy.grids.share));
    for (const StreamPolicy& stream : policy.streams) text += stream_text(stream);
    return text;
}

double alpha_share(const Policy& policy, std::size_t stream) {
    if (policy.streams[stream].role == StreamRole::dry_run) return 0;
    double sum = 0;
    for (const StreamPolicy& each : policy.streams) {
        if (each.role != StreamRole::dry_run) sum += each.weight;
    }
    return policy.streams[stream].weight / sum;
}

std::string_view to_text(StreamRole role) {
    switch (role) {
        case StreamRole::required:
            return "required";
        case StreamRole::advisory:
            return "advisory";
        case StreamRole::dry_run:
            return "dry_run";
    }
    return "";
}

std::string_view to_text(UnitOf unit) {
    switch (unit) {
        case UnitOf::unit:
            return "unit";
        case UnitOf::conversation:
            return "conversation";
        case UnitOf::stream:
            return "stream";
    }
    return "";
}

std::string_view to_text(BaselineKind kind) {
    switch (kind) {
        case BaselineKind::concurrent:
            return "concurrent";
        case BaselineKind::previous:
            return "previous";
        case BaselineKind::floor:
            return "floor";
    }
    return "";
}

}  // namespace decklog::domain::gate
