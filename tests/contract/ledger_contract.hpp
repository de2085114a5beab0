// What the contract suite stands on: both ledgers behind one parameter, a clock and a disk that a
// test moves, and short words for submissions.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "domain/fact.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store::contract {

class FakeClock final : public Clock {
  public:
    static constexpr std::int64_t kStart = 1'800'000'000'000'000;
    [[nodiscard]] std::int64_t now_us() const override { return wall_; }
    [[nodiscard]] std::int64_t boot_us() const override { return boot_; }
    void pass(std::int64_t us) {
        wall_ += us;
        boot_ += us;
    }
    void step_wall(std::int64_t us) { wall_ += us; }

  private:
    std::atomic<std::int64_t> wall_{kStart};
    std::atomic<std::int64_t> boot_{1'000'000'000};
};

class CountingObserver final : public Observer {
  public:
    void committed(std::size_t frames, std::size_t events, std::size_t bytes) override;
    void append_seconds(double seconds) override;
    void fsync_seconds(double seconds) override;
    void answered(std::string_view command, std::string_view outcome) override;
    [[nodiscard]] std::size_t batches() const;
    [[nodiscard]] std::size_t frames() const;
    [[nodiscard]] std::size_t answered(const std::string& outcome) const;

  private:
    mutable std::mutex mutex_;
    std::size_t batches_ = 0, frames_ = 0, events_ = 0, bytes_ = 0, appends_ = 0, syncs_ = 0;
    std::map<std::string, std::size_t> outcomes_;
};

enum class Kind { memory, rocks };
std::string name_of(const testing::TestParamInfo<Kind>& info);

inline domain::CommandKey key(std::uint8_t value) {
    domain::CommandKey key;
    key.bytes.fill(value);
    return key;
}
inline domain::RequestHash hash(std::uint8_t value) {
    domain::RequestHash hash;
    hash.bytes.fill(value);
    return hash;
}

/// A message in a stream, the simplest event there is.
domain::NewEvent message(const std::string& stream, const std::string& payload = "x");
Submission append(domain::NewEvent event);
Submission append(const std::string& stream, const std::string& payload = "x");
Submission keyed(Submission submission, domain::CommandKey command_key,
                 domain::RequestHash request_hash);
/// Decides from the number of events that its streams have.
Submission counting(
    std::vector<domain::StreamRef> reads,
    std::function<domain::Decision<domain::Events>(std::vector<std::size_t>)> decide);

class LedgerContract : public testing::TestWithParam<Kind> {
  protected:
    LedgerContract();
    ~LedgerContract() override;
    LedgerContract(const LedgerContract&) = delete;
    LedgerContract& operator=(const LedgerContract&) = delete;

    /// The ledger under test, opened with `options_` at the first call.
    Ledger& ledger();
    Answer submit(Submission submission);
    std::vector<Answer> submit_all(std::vector<Submission> submissions);
    std::vector<domain::Position> scan(const IndexKey& key, Order order = Order::ascending,
                                       std::optional<domain::Position> after = std::nullopt);
    /// Keeps the writer busy until the returned handle dies, so that what is submitted meanwhile
    /// meets in one turn.
    [[nodiscard]] std::shared_ptr<void> hold_writer();

    FakeClock clock_;
    CountingObserver observer_;
    std::atomic<std::uint64_t> disk_free_{100ULL << 30U};
    LedgerOptions options_;

  private:
    std::filesystem::path root_;
    std::unique_ptr<Ledger> ledger_;
};

}  // namespace decklog::store::contract
