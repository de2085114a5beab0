// How the service is, as the probes tell it (contract, "Probes"). Three questions that must not be
// mixed: does the process turn (a restart cures it if not), may it be sent work (a balancer asks),
// and what is not as it should be (a person asks). One reading of all parts answers all three.
// Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "api/app.hpp"

namespace decklog::api {

struct Component {
    std::string name;
    std::string state;  // a word: ready, disk_low, clock_behind, catching_up, stalled, …
    bool is_ok = true;
    bool blocks_ingest = false;  // while in this state
    bool blocks_queries = false;
    bool needs_restart = false;  // and a restart may cure it
    std::string detail{};        // only for those with a token: texts of errors, ids
};

struct Health {
    std::vector<Component> components;
    std::int64_t writer_age_us = 0;  // since the writer's loop last turned
    [[nodiscard]] bool turns() const;
    [[nodiscard]] bool is_ok() const;
    [[nodiscard]] bool ready_for_ingest() const;
    [[nodiscard]] bool ready() const;
};

inline constexpr std::int64_t kStallMicros = 30LL * 1'000'000;

class HealthReader {
  public:
    explicit HealthReader(const Core& core) : core_(core) {}
    [[nodiscard]] Health read();

  private:
    [[nodiscard]] Component writer(std::int64_t now_boot_us) const;
    [[nodiscard]] Component vault() const;
    [[nodiscard]] Component clock() const;
    [[nodiscard]] Component fold_loop(std::int64_t now_boot_us) const;
    [[nodiscard]] Component topic() const;
    [[nodiscard]] Component outbound() const;
    [[nodiscard]] Component backup() const;
    [[nodiscard]] Component erasures() const;
    void views(std::vector<Component>& into);

    const Core& core_;
    // Caught up once is caught up: behind for a moment under load is no reason to send work
    // elsewhere.
    std::atomic<bool> has_caught_up_{false};
};

}  // namespace decklog::api
