#include "domain/gate/gate_results.hpp"

#include <algorithm>
#include <string_view>

namespace decklog::domain::gate {
namespace {

/// The last result of that name for this release.
const GateResult* last_result(const GateInputs& inputs, std::string_view name) {
    const GateResult* last = nullptr;
    for (const GateResult& result : inputs.results) {
        if (result.name == name && result.release == inputs.release) last = &result;
    }
    return last;
}

}  // namespace

const GateResult* red_gate(const GateInputs& inputs) {
    for (const GateResult& result : inputs.results) {
        if (!result.passed && last_result(inputs, result.name) == &result) return &result;
    }
    return nullptr;
}

std::vector<std::string> open_gates(const Policy& policy, const GateInputs& inputs) {
    std::vector<std::string> open;
    for (const std::string& name : policy.required_gates) {
        const GateResult* last = last_result(inputs, name);
        if (last == nullptr || !last->passed || last->recorded_at_us < inputs.stage_began_at_us)
            open.push_back(name);
    }
    return open;
}

std::vector<std::string> open_drills(const Policy& policy, const GateInputs& inputs) {
    std::vector<std::string> open;
    for (const std::string& kind : policy.required_drills) {
        if (std::find(inputs.drills.begin(), inputs.drills.end(), kind) == inputs.drills.end())
            open.push_back(kind);
    }
    return open;
}

std::vector<MissingPlatform> missing_required(const Policy& policy, const GateInputs& inputs) {
    std::vector<MissingPlatform> missing;
    for (const std::string& platform : policy.required_platforms) {
        const auto& all = inputs.missing_platforms;
        const auto found = std::find_if(all.begin(), all.end(), [&platform](const auto& each) {
            return each.name == platform;
        });
        if (found != all.end()) missing.push_back(*found);
    }
    return missing;
}

}  // namespace decklog::domain::gate
