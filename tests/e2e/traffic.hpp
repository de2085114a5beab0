// Traffic at all doors, and the oracle: what was sent, what was acknowledged, and what the log must
// therefore hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/requests.hpp"

namespace decklog::e2e {

/// Where to send and as whom.
struct Door {
    std::string url;
    std::string token;
};

/// What the clients did, over all rounds.
class History {
  public:
    void add_sent(const Sent& sent);
    void add_acknowledged(const Sent& sent);
    void add_refused(const std::string& code);
    /// These were lost on purpose: an older state was restored.
    void forget_acknowledged_except(const std::set<std::string>& kept);
    /// Somebody whose one message was acknowledged, and counts as erased from now on; nullopt:
    /// there is none.
    [[nodiscard]] std::optional<std::string> take_a_stranger();
    [[nodiscard]] std::vector<Sent> sent() const;
    [[nodiscard]] std::set<std::string> acknowledged() const;
    [[nodiscard]] std::set<std::string> erased() const;
    [[nodiscard]] std::size_t count_acknowledged() const;
    /// How often requests were refused, by error.
    [[nodiscard]] std::map<std::string, int> refused() const;

  private:
    mutable std::mutex mutex_;
    std::vector<Sent> sent_;
    std::set<std::string> acknowledged_;
    std::set<std::string> erased_;
    std::map<std::string, std::string> strangers_;  // by tag: acknowledged and not erased
    std::map<std::string, int> refused_;
};

/// Clients that send until they go away; one request at a time each.
class Load {
  public:
    Load(const Door& door, History& history, std::atomic<std::uint64_t>& next, int clients);
    ~Load() { finish(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    /// After the answer in progress.
    void finish();

  private:
    std::atomic<bool> stop_{false};
    std::vector<std::thread> clients_;
};

/// Sends everything again over several connections; returns what was not taken, each by its tag and
/// the answer.
[[nodiscard]] std::vector<std::string> redeliver(const Door& door, const std::vector<Sent>& all,
                                                 int clients);

/// The log as `decklog events` prints it.
struct LogSeen {
    std::map<std::string, int> tags;
    std::uint64_t events = 0;
    bool dense_positions = true;
    bool dense_versions = true;
};
/// `where`: the arguments that name the data or the server.
[[nodiscard]] LogSeen read_log(const std::vector<std::string>& where);

/// What the log breaks of the promise: every acknowledged tag once, every other at most once, dense
/// positions and versions. Empty: nothing.
[[nodiscard]] std::vector<std::string> broken_promises(const LogSeen& log,
                                                       const std::set<std::string>& acknowledged);

}  // namespace decklog::e2e
