// One node: the real replica and the real owner over rows in memory. A crash loses what a cache
// that is not synced may lose: all rows since some earlier batch, together.
#pragma once

#include <memory>

#include "store/rows/memory_rows.hpp"
#include "tests/contract/ledger_contract.hpp"
#include "tests/sim/topic.hpp"

namespace decklog::sim {

/// Random bytes of the seed, so that a run can be repeated.
class SeededRandom final : public store::Random {
  public:
    explicit SeededRandom(Rng& rng) : rng_(rng) {}
    void fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng_());
    }

  private:
    Rng& rng_;
};

class Node {
  public:
    /// `calm`: how many times rarer its faults are.
    Node(Topic& topic, Rng& rng, store::contract::FakeClock& clock, std::uint64_t calm)
        : topic_(topic), rng_(rng), clock_(clock), random_(rng), calm_(calm) {
        boot();
    }

    [[nodiscard]] bool is_up() const { return owner_ != nullptr; }
    [[nodiscard]] bool is_stopped() const { return replica_ && replica_->stopped(); }
    [[nodiscard]] std::string why_stopped() const { return replica_->stopped()->context; }
    [[nodiscard]] store::kafka::Owner& owner() { return *owner_; }
    [[nodiscard]] const SimProducer& producer() const { return *producer_; }
    [[nodiscard]] const store::kafka::Replica& replica() const { return *replica_; }
    [[nodiscard]] const store::RowReader& rows() const { return *rows_; }
    [[nodiscard]] store::MemoryRows::Maps all_rows() const { return rows_->copy(); }
    [[nodiscard]] bool has_applied_all() const {
        return replica_->state().next_offset == topic_.end();
    }

    void crash();
    void boot();
    void fetch(std::uint64_t records_max);
    void produce_one();
    void lose_one();
    void report_one();
    void submit(store::Submission submission, std::function<void(const store::Answer&)> done);
    void submit_call(std::vector<store::Submission> submissions, store::Completion done);
    void decide();
    void tick(bool long_after);
    /// Reads the record before the next offset again, as a start does.
    [[nodiscard]] bool finds_its_topic() const;

    bool behaves = false;  // no faults of its producer any more

  private:
    [[nodiscard]] bool misbehaves(std::uint64_t once_in) {
        return !behaves && one_in(rng_, once_in * calm_);
    }
    [[nodiscard]] store::kafka::Owner::Time now() const { return store::kafka::Owner::Time(time_); }

    Topic& topic_;
    Rng& rng_;
    store::contract::FakeClock& clock_;
    SeededRandom random_;
    const std::uint64_t calm_;
    std::chrono::steady_clock::duration time_{1};
    std::unique_ptr<store::MemoryRows> rows_;
    std::deque<store::MemoryRows::Maps> earlier_;  // after earlier batches
    std::unique_ptr<store::Admission> admission_;
    std::optional<store::kafka::Replica> replica_;
    std::unique_ptr<SimProducer> producer_;
    std::unique_ptr<store::kafka::Owner> owner_;
    std::deque<store::Call> calls_;
};

}  // namespace decklog::sim
