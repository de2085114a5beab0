// A watch in the making: checks by their counts, a minute of the log's time each 600 s, what the
// judge said last.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/gate/explain.hpp"
#include "domain/gate/judge.hpp"
#include "domain/gate/profiles.hpp"

namespace decklog::domain::gate {

/// Counts of one stream by hand: canary units, errors, baseline units, errors; all units on time.
inline StreamCounts counts(std::uint64_t n_c, std::uint64_t x_c, std::uint64_t n_s,
                           std::uint64_t x_s) {
    StreamCounts counts;
    counts.canary = {.units = n_c, .errors = x_c, .attempted = n_c};
    counts.baseline = {.units = n_s, .errors = x_s, .attempted = n_s};
    return counts;
}

/// `streams` concurrent streams without a floor, called a, b, c…
inline Policy plain_policy(std::size_t streams = 1) {
    Policy policy;
    for (std::size_t i = 0; i < streams; ++i) {
        StreamPolicy stream{.action = std::string(1, static_cast<char>('a' + i)),
                            .attempts = {"attempt"}};
        policy.streams.push_back(std::move(stream));
    }
    return policy;
}

class WatchBuilder {
  public:
    explicit WatchBuilder(Policy policy, Stage stage = Stage::canary) : policy_(std::move(policy)) {
        watch_.stage = stage;
        gates_.release = "r2";
    }

    Judgement check(std::vector<StreamCounts> streams) {
        SealedCheck sealed;
        sealed.sealed_at_us = now_us_ += check_us_;
        sealed.canary_share = share_;
        sealed.handled = handled_;
        sealed.streams = std::move(streams);
        Judged judged = judge(policy_, std::move(watch_), std::move(sealed), gates_);
        watch_ = std::move(judged.watch);
        return last_ = std::move(judged.judgement);
    }
    Judgement checks(std::size_t times, const std::vector<StreamCounts>& streams) {
        for (std::size_t i = 0; i < times; ++i) check(streams);
        return last_;
    }
    void gate(const std::string& name, bool passed, const std::string& release = "r2") {
        gates_.results.push_back({name, passed, release, now_us_, 100 + gates_.results.size()});
    }
    [[nodiscard]] Report report() const { return explain(policy_, last_, watch_, gates_); }

    Policy policy_;
    Watch watch_{};
    GateInputs gates_{};
    HandledCounts handled_{};
    double share_ = 0;
    std::int64_t now_us_ = 0;
    std::int64_t check_us_ = 600'000'000;
    Judgement last_{};
};

}  // namespace decklog::domain::gate
