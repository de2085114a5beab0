// Counts given by hand judged as the checks of one stream of a policy, by the code that judges
// rollouts. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/explain.hpp"
#include "domain/gate/policy.hpp"
#include "domain/result.hpp"
#include "tools/decklog/gate_batches.hpp"

namespace decklog::cli {

struct EvalSetting {
    std::string policy_hash{};  // of the policy as it was given; empty: none was
    /// Gates and platforms taken out; beside the stream there is one without data that keeps the
    /// alpha of all others.
    domain::gate::Policy policy{};
    static constexpr std::size_t kStream = 0;
    /// Where the policy has none, E_F is shown at this one and decides nothing.
    double floor_shown = 0;
};

/// One stream and nothing else, with the default grids.
[[nodiscard]] EvalSetting plain_eval();

/// `name` as stream_name says it; empty: the first required stream. What the rows compare is a
/// concurrent baseline, whatever the policy would take, unless the stream has the floor alone.
/// Errors: invalid_argument.
[[nodiscard]] domain::Result<EvalSetting> eval_of(domain::gate::Policy policy,
                                                  std::string_view name);

struct EvalRow {
    BatchRow counts{};
    domain::gate::Judgement judgement{};
    domain::gate::StreamReport report{};
    double ln_floor = 0;  // of the policy, or the one that is only shown
};
struct Eval {
    std::vector<EvalRow> rows{};
    domain::gate::Report last{};
};

/// Each row is a check, a check's time after the one before.
[[nodiscard]] Eval evaluate(const EvalSetting& setting, const std::vector<BatchRow>& rows);

}  // namespace decklog::cli
