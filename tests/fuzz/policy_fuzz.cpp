// Rollout policies as people write them. What is taken reads back from its canonical text as the
// same policy under the same hash, and judges in numbers.
#include <cmath>
#include <string>

#include "api/gate/policy_file.hpp"
#include "domain/gate/explain.hpp"
#include "domain/gate/judge.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

namespace gate = domain::gate;

void judge_with(const gate::Policy& policy) {
    const gate::StreamCounts kChecks[] = {{{1000, 3, 1000, 0}, {4000, 4, 4000, 0}, {}},
                                          {{1000, 0, 1000, 0}, {4000, 0, 4000, 0}, {}},
                                          {{1'000'000, 1'000'000, 1'000'000, 9}, {1, 0, 1, 0}, {}}};
    gate::Watch watch;
    watch.frozen.assign(policy.streams.size(), {20'000, 20});
    for (const gate::StreamCounts& counts : kChecks) {
        gate::SealedCheck check;
        check.canary_share = 0.2;
        check.streams.assign(policy.streams.size(), counts);
        auto judged = gate::judge(policy, std::move(watch), std::move(check), {});
        watch = std::move(judged.watch);
        for (const gate::StreamEvidence& evidence : judged.judgement.streams) {
            fuzz::require(std::isfinite(evidence.ln_regression) &&
                              std::isfinite(evidence.ln_for_promotion) &&
                              std::isfinite(evidence.ln_rollback_at),
                          "evidence is a number");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto policy = api::parse_policy(fuzz::text_of(data, size));
    if (!policy) {
        fuzz::require(policy.error().code == "invalid_policy", "a refusal has its code");
        return 0;
    }
    const auto back = api::parse_policy(gate::canonical_text(*policy));
    fuzz::require(back.has_value() && *back == *policy, "a policy comes back");
    fuzz::require(api::policy_hash(*back) == api::policy_hash(*policy), "and so does its hash");
    judge_with(*policy);
    return 0;
}
