#include "projections/engines.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <string>
#include <utility>

namespace decklog::projections {
namespace {

std::filesystem::path directory_of(const std::filesystem::path& views_dir,
                                   std::uint32_t partition) {
    if (partition == 0) return views_dir;
    return views_dir.string() + "." + std::to_string(partition);
}

/// Counts the answers of several engines; the last one tells.
struct Awaited {
    std::atomic<std::size_t> left;
    std::atomic<bool> all_reflected{true};
    std::function<void(bool)> done;

    void take(bool reflected) {
        if (!reflected) all_reflected = false;
        if (--left == 0) done(all_reflected);
    }
};

}  // namespace

std::vector<const RowReader*> rows_of(const ViewSnapshots& snapshots) {
    std::vector<const RowReader*> rows;
    for (const ViewSnapshot& snapshot : snapshots) rows.push_back(snapshot.rows.get());
    return rows;
}

std::string name_of(const ViewStatus& status) {
    if (status.partition == 0) return status.name;
    return status.name + "/" + std::to_string(status.partition);
}

domain::Result<std::unique_ptr<Engines>> Engines::open(const std::filesystem::path& views_dir,
                                                       store::Ledger& ledger,
                                                       EngineOptions options) {
    std::vector<std::unique_ptr<Engine>> engines;
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition) {
        options.partition = partition;
        auto engine = Engine::open(directory_of(views_dir, partition), ledger, options);
        if (!engine) return tl::unexpected(std::move(engine).error());
        engines.push_back(*std::move(engine));
    }
    return std::unique_ptr<Engines>(new Engines(std::move(engines)));
}

domain::Result<ViewSnapshots> Engines::snapshots(std::string_view view) const {
    ViewSnapshots all;
    for (const auto& engine : engines_) {
        auto snapshot = engine->snapshot(view);
        if (!snapshot) return tl::unexpected(std::move(snapshot).error());
        all.push_back(*std::move(snapshot));
    }
    return all;
}

std::vector<ViewStatus> Engines::status() const {
    std::vector<ViewStatus> all;
    for (const auto& engine : engines_) {
        for (ViewStatus& status : engine->status()) all.push_back(std::move(status));
    }
    return all;
}

std::uint64_t Engines::read_failures() const {
    std::uint64_t sum = 0;  // each number only grows
    for (const auto& engine : engines_) sum += engine->read_failures();
    return sum;
}

void Engines::when_reflected(std::string_view view, std::span<const domain::Position> positions,
                             std::chrono::milliseconds timeout, std::function<void(bool)> done) {
    if (positions.empty()) return done(true);
    const bool is_known = std::all_of(
        positions.begin(), positions.end(),
        [this](const domain::Position& position) { return position.partition < partitions(); });
    if (!is_known) return done(false);
    const auto awaited = std::make_shared<Awaited>();
    awaited->left = positions.size();
    awaited->done = std::move(done);
    for (const domain::Position& position : positions) {
        of(position.partition).when_reflected(view, position, timeout, [awaited](bool reflected) {
            awaited->take(reflected);
        });
    }
}

domain::Result<std::vector<Rebuilt>> Engines::rebuild(std::string_view view, Takeover takeover,
                                                      const Progress& progress) {
    std::vector<Rebuilt> all;
    std::uint64_t folded_before = 0;
    for (const auto& engine : engines_) {
        std::uint64_t folded_here = 0;
        auto built =
            engine->rebuild(view, takeover, [&](std::uint64_t folded, std::uint64_t total) {
                folded_here = total;
                return !progress || progress(folded_before + folded, folded_before + total);
            });
        if (!built) return tl::unexpected(std::move(built).error());
        all.push_back(*std::move(built));
        folded_before += folded_here;
    }
    return all;
}

std::int64_t Engines::last_turn_boot_us() const {
    std::int64_t oldest = std::numeric_limits<std::int64_t>::max();
    for (const auto& engine : engines_) oldest = std::min(oldest, engine->last_turn_boot_us());
    return oldest;
}

void Engines::stop() {
    for (const auto& engine : engines_) engine->stop();
}

}  // namespace decklog::projections
