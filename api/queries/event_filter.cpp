#include "api/queries/event_filter.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/config.hpp"
#include "api/queries/native_ids.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

domain::Result<std::vector<std::string>> translated(Params& params, std::string_view name) {
    std::vector<std::string> names;
    for (const std::string& value : params.texts(name)) {
        auto more = envelope_names(*params.core().vault, value);
        if (!more) return tl::unexpected(more.error());
        names.insert(names.end(), std::make_move_iterator(more->begin()),
                     std::make_move_iterator(more->end()));
    }
    return names;
}

domain::Result<std::vector<std::string>> streams(Params& params) {
    std::vector<std::string> names;
    for (const std::string& value : params.texts("stream")) {
        auto name = stream_by_native_id(*params.core().vault, value);
        if (!name) return tl::unexpected(name.error());
        names.push_back(std::move(*name));
    }
    return names;
}

enum class Bound { first, last };

/// A place in the log's order as an end of each partition's range.
class RangeEnd {
  public:
    RangeEnd(Params& params, std::string_view name, Bound which)
        : log_(*params.core().ledger), which_(which), place_(params.place(name)) {
        if (!place_) return;
        const auto* positions = std::get_if<domain::Positions>(&*place_);
        if (positions == nullptr) return;
        for (const domain::Position& position : *positions) {
            // The place of the next event is one to wait at; nothing can be known of those behind
            // it.
            const std::uint64_t next = log_.head(position.partition).next_ordinal;
            if (which == Bound::first && position.ordinal != next)
                params.must_be_reached(position, name);
        }
    }

    /// Narrows the filter of one partition.
    [[nodiscard]] domain::Result<void> apply(store::EventFilter& filter,
                                             std::uint32_t partition) const {
        if (!place_) return {};
        auto& bound = which_ == Bound::first ? filter.from : filter.to;
        if (const auto* positions = std::get_if<domain::Positions>(&*place_)) {
            bound = domain::position_in(*positions, partition);
            return {};
        }
        const std::int64_t time_us = std::get<std::int64_t>(*place_);
        const auto ordinal =
            first_recorded_since(log_, partition, which_ == Bound::first ? time_us : time_us + 1);
        if (!ordinal) return tl::unexpected(ordinal.error());
        if (which_ == Bound::first) {
            bound = domain::Position{partition, *ordinal};
        } else if (*ordinal > 0) {
            bound = domain::Position{partition, *ordinal - 1};
        } else {
            // No position lies before the first event, so an empty range of times says that nothing
            // matches.
            filter.until_us = std::numeric_limits<std::int64_t>::min();
        }
        return {};
    }

  private:
    const store::LogReader& log_;
    const Bound which_;
    const std::optional<LogPlace> place_;
};

/// What every partition is asked for.
domain::Result<store::EventFilter> read_unbounded(Params& params) {
    store::EventFilter filter;
    filter.types = params.texts("type");
    filter.actions = params.texts("action");
    filter.platforms = params.texts("platform");
    filter.accounts = params.texts("account");
    filter.cohorts = params.texts("cohort");
    filter.releases = params.texts("release");
    filter.correlations = params.texts("correlation");
    filter.since_us = params.time_us("since");
    filter.until_us = params.time_us("until");
    auto stream_names = streams(params);
    auto conversations = translated(params, "conversation");
    auto actors = translated(params, "actor");
    if (!stream_names) return tl::unexpected(stream_names.error());
    if (!conversations) return tl::unexpected(conversations.error());
    if (!actors) return tl::unexpected(actors.error());
    filter.streams = std::move(*stream_names);
    for (const ingest::Account& account : params.core().config->accounts) {
        auto& workspaces = filter.stream_workspaces;
        if (std::find(workspaces.begin(), workspaces.end(), account.workspace) == workspaces.end())
            workspaces.push_back(account.workspace);
    }
    filter.conversations = std::move(*conversations);
    filter.actors = std::move(*actors);
    return filter;
}

}  // namespace

domain::Result<std::uint64_t> first_recorded_since(const store::LogReader& log,
                                                   std::uint32_t partition, std::int64_t time_us) {
    std::uint64_t low = 0;
    std::uint64_t high = log.head(partition).next_ordinal;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto frame = log.frame_at({partition, middle});
        if (!frame) return tl::unexpected(frame.error());
        if ((*frame)->header().recorded_at_us >= time_us) {
            high = (*frame)->first().ordinal;
        } else {
            low = (*frame)->last().ordinal + 1;
        }
    }
    return low;
}

domain::Result<std::vector<store::EventFilter>> read_event_filters(Params& params) {
    const auto common = read_unbounded(params);
    if (!common) return tl::unexpected(common.error());
    const RangeEnd from(params, "from", Bound::first);
    const RangeEnd to(params, "to", Bound::last);
    std::vector<store::EventFilter> filters;
    for (std::uint32_t partition = 0; partition < params.core().ledger->partitions(); ++partition) {
        store::EventFilter& filter = filters.emplace_back(*common);
        if (auto bound = from.apply(filter, partition); !bound)
            return tl::unexpected(bound.error());
        if (auto bound = to.apply(filter, partition); !bound) return tl::unexpected(bound.error());
        // Behind partition 0 a filter names its partition.
        if (partition > 0 && !filter.from) filter.from = domain::Position{partition, 0};
    }
    return filters;
}

}  // namespace decklog::api
