// The erasures of this process that are not finished, down to the files and the lists beside the
// backups: what finishes them, how many there are, and why. Whoever erases takes its hooks from
// here. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "api/app.hpp"
#include "api/erasures/late_search.hpp"
#include "store/erasure.hpp"

namespace decklog::api {

class Erasures {
  public:
    /// `core` outlives it.
    explicit Erasures(const Core& core) : core_(core) {}

    /// For one piece of work that `cancelled` ends; null: `stop` does.
    [[nodiscard]] store::ErasureHooks hooks(std::atomic<bool>* cancelled = nullptr);

    /// Finishes whatever was left undone; how many. Blocks.
    [[nodiscard]] domain::Result<std::size_t> finish(const store::ErasureHooks& hooks);

    /// Takes raw bodies of the erased from the partitions that this node of a cluster writes: who
    /// wrote them before may not have heard of an erasure in time, and may not be there any more.
    /// One thread, again and again. Blocks. Errors: io (retryable), corrupt, stopped.
    [[nodiscard]] domain::Result<void> take_what_came_late(const store::ErasureHooks& hooks);

    /// After a try: counts what is left. `problem`: why, empty when the try went well.
    void take_stock(std::string problem);

    struct Status {
        std::size_t unfinished = 0;
        std::string problem;  // of the last try; names the place that could not be reached
    };
    [[nodiscard]] Status status() const;

    /// Ends work in progress, which the next start takes up again.
    void stop() { stopping_ = true; }

  private:
    [[nodiscard]] domain::Result<void> list_beside_backups(
        const std::vector<store::LoggedErasure>& erasures) const;

    const Core& core_;
    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> cleaned_to_{0};
    LateSearch late_search_;    // take_what_came_late's
    mutable std::mutex mutex_;  // guards what follows
    Status status_;
};

}  // namespace decklog::api
