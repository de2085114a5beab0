// The engines of a ledger, one a partition: a fold is pure over one ordered log, and the numbers
// that its rows are keyed by are given in that log's order, so every partition has rows and files
// of its own (`views/`, `views.1/`, ...). Asks them all where an answer is of the whole ledger.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/engine.hpp"

namespace decklog::projections {

/// One view, by partition.
using ViewSnapshots = std::vector<ViewSnapshot>;
/// The rows in them, as the merged queries take them; they live as long as the snapshots.
[[nodiscard]] std::vector<const RowReader*> rows_of(const ViewSnapshots& snapshots);

/// `audit`; behind partition 0 `audit/1`.
[[nodiscard]] std::string name_of(const ViewStatus& status);

class Engines {
  public:
    /// One for each partition that the ledger has; `options.partition` does not count. Errors as
    /// Engine::open.
    [[nodiscard]] static domain::Result<std::unique_ptr<Engines>> open(
        const std::filesystem::path& views_dir, store::Ledger& ledger, EngineOptions options = {});

    [[nodiscard]] std::uint32_t partitions() const {
        return static_cast<std::uint32_t>(engines_.size());
    }
    /// What asks one partition alone asks its engine.
    [[nodiscard]] Engine& of(std::uint32_t partition) const { return *engines_[partition]; }

    /// Each consistent in itself, taken one after the other. Errors as Engine::snapshot.
    [[nodiscard]] domain::Result<ViewSnapshots> snapshots(std::string_view view) const;
    /// Partition after partition.
    [[nodiscard]] std::vector<ViewStatus> status() const;
    /// Another number whenever any engine's changes.
    [[nodiscard]] std::uint64_t read_failures() const;
    /// Calls back once: with true when every position is reflected in its partition, with false
    /// when one is not within `timeout`. From any thread.
    void when_reflected(std::string_view view, std::span<const domain::Position> positions,
                        std::chrono::milliseconds timeout, std::function<void(bool)> done);
    /// In every partition, one after the other; those before a failure keep what took over there.
    /// Progress counts the events of all. Errors as Engine::rebuild.
    [[nodiscard]] domain::Result<std::vector<Rebuilt>> rebuild(std::string_view view,
                                                               Takeover takeover,
                                                               const Progress& progress);
    /// The oldest of any.
    [[nodiscard]] std::int64_t last_turn_boot_us() const;
    /// Idempotent.
    void stop();

  private:
    explicit Engines(std::vector<std::unique_ptr<Engine>> engines) : engines_(std::move(engines)) {}

    const std::vector<std::unique_ptr<Engine>> engines_;  // by partition; at least one
};

}  // namespace decklog::projections
