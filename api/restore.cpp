#include "api/restore.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ingest/native_ids.hpp"
#include "projections/engines.hpp"

namespace decklog::api {
namespace {

using Views = std::vector<projections::ViewStatus>;

constexpr std::chrono::milliseconds kLookEvery{50};

/// Of all views together; true when nothing is left to fold.
bool are_folded(const Views& views, const store::RestoreProgress& progress, bool& is_wanted) {
    std::uint64_t done = 0, total = 0;
    for (const auto& view : views) {
        done += view.next_ordinal;
        total += view.next_ordinal + view.lag_events;
    }
    is_wanted = !progress || progress(store::RestoreStage::fold, done, total);
    return done == total;
}

domain::Result<Views> fold(store::Restoration& restoration,
                           const store::RestoreProgress& progress) {
    auto engines =
        projections::Engines::open(restoration.directory().views(), restoration.ledger());
    if (!engines) return tl::unexpected(std::move(engines).error());
    while (true) {
        Views views = (*engines)->status();
        for (const auto& view : views) {
            if (view.stopped.empty()) continue;
            return domain::fail(domain::ErrorCode::corrupt,
                                "view " + view.instance + " has stopped: " + view.stopped);
        }
        bool is_wanted = true;
        if (are_folded(views, progress, is_wanted)) {
            (*engines)->stop();
            return views;
        }
        if (!is_wanted) return domain::fail(domain::ErrorCode::stopped, "ended", true);
        std::this_thread::sleep_for(kLookEvery);
    }
}

}  // namespace

domain::Result<Restored> restore(store::RestoreWish wish, const store::RestoreProgress& progress) {
    wish.ids_in = ingest::for_each_id;
    const bool folds = !wish.as_node;  // a node folds when it has read on
    auto restoration = store::Restoration::begin(std::move(wish));
    if (!restoration) return tl::unexpected(std::move(restoration).error());
    auto report = (*restoration)->run(progress);
    if (!report) return tl::unexpected(std::move(report).error());
    Restored restored{std::move(*report), {}};
    if (!restored.report.problems.empty()) return restored;
    if (folds) {
        auto views = fold(**restoration, progress);
        if (!views) return tl::unexpected(std::move(views).error());
        restored.views = std::move(*views);
    }
    if (auto finished = (*restoration)->finish(); !finished)
        return tl::unexpected(std::move(finished).error());
    return restored;
}

}  // namespace decklog::api
