// What one check of `decklog preflight` comes to. A result never shows any part of a value. Plain
// values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace decklog::cli {

/// `missing`: there is nothing to judge by, which is never a pass.
enum class GateStatus { passed, failed, missing };

[[nodiscard]] constexpr std::string_view to_text(GateStatus status) {
    switch (status) {
        case GateStatus::passed:
            return "passed";
        case GateStatus::failed:
            return "failed";
        case GateStatus::missing:
            return "missing";
    }
    return {};
}

struct PreflightGate {
    std::string name;
    GateStatus status = GateStatus::passed;
    std::string why{};
};
using PreflightGates = std::vector<PreflightGate>;

[[nodiscard]] inline PreflightGate passed(std::string name, std::string why = {}) {
    return {std::move(name), GateStatus::passed, std::move(why)};
}
[[nodiscard]] inline PreflightGate failed(std::string name, std::string why) {
    return {std::move(name), GateStatus::failed, std::move(why)};
}
[[nodiscard]] inline PreflightGate missing(std::string name, std::string why) {
    return {std::move(name), GateStatus::missing, std::move(why)};
}

}  // namespace decklog::cli
