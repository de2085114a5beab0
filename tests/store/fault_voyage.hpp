// Ledger and vault through one trouble after another, and an oracle that knows what was answered.
// A voyage is one data directory; a leg is one life of the process on it: open, work, and an end.
// Whatever happened, after the next clean start every acknowledged command is there exactly once
// under the positions that were answered, every other at most once and whole, positions and
// versions are dense, verify finds nothing, and every sealed part opens: its key was durable before
// the commit that uses it.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/store/faulty_files.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store::faulty {

enum class Ending : std::uint8_t { stop, kill, power_loss, torn_power_loss };

struct Leg {
    std::vector<Fault> before_open{};
    std::vector<Fault> after_open{};
    std::uint32_t random_faults_one_in = 0;
    std::size_t steps = 20;
    std::size_t payload_bytes = 100;
    Ending ending = Ending::stop;
};

[[nodiscard]] std::string to_text(const Leg& leg);

/// One thread.
class Voyage {
  public:
    explicit Voyage(std::uint32_t seed);

    /// A leg that the seed chooses.
    [[nodiscard]] Leg any_leg();
    void sail(const Leg& leg);
    /// A clean start on healthy files, and everything the oracle knows is asked.
    void check();

    [[nodiscard]] FaultyFiles& files() { return files_; }
    [[nodiscard]] std::size_t acknowledged() const { return acknowledged_.size(); }
    [[nodiscard]] std::size_t unknown() const { return unknown_.size(); }
    [[nodiscard]] std::size_t refused_starts() const { return refused_starts_; }
    [[nodiscard]] std::size_t failed_legs() const { return failed_legs_; }

  private:
    struct Place {
        std::uint64_t first = 0, last = 0;
    };
    struct Open {
        std::unique_ptr<Vault> vault;
        std::unique_ptr<Ledger> ledger;  // goes first
    };

    [[nodiscard]] domain::Result<Open> open(rocksdb::Env* env) const;
    void work(Open& ship, const Leg& leg);
    /// False once writing has stopped.
    bool step(Open& ship, std::size_t payload_bytes);
    [[nodiscard]] std::optional<Submission> command(Vault& vault, std::uint64_t number,
                                                    std::size_t payload_bytes);
    void note(std::uint64_t number, const Answer& answer);
    void expect_fail_stop(Open& ship);
    void remember_head();
    void lose_power(bool torn);
    void check_people(Vault& vault) const;
    void check_log(const Open& ship) const;
    void send_unknown_again(Open& ship);

    const rocks_test::TempDir directory_;
    const std::filesystem::path root_;
    std::mt19937 random_;
    FaultyFiles files_;
    std::unique_ptr<rocksdb::Env> env_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, Place> acknowledged_;
    std::set<std::uint64_t> unknown_;
    std::map<std::string, domain::SubjectId> people_;
    std::vector<std::string> heads_;  // what HEAD held, oldest first
    std::size_t refused_starts_ = 0;
    std::size_t failed_legs_ = 0;
};

}  // namespace decklog::store::faulty
