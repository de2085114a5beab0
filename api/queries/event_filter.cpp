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

domain::Result<std::optional<domain::Position>> bound(Params& params, std::string_view name,
                                                      Bound which) {
    const auto place = params.place(name);
    if (!place) return std::nullopt;
    if (const auto* position = std::get_if<domain::Position>(&*place)) {
        // The place of the next event is one to wait at; nothing can be known of those behind it.
        const std::uint64_t next = params.core().ledger->head(position->partition).next_ordinal;
        if (which == Bound::first && position->ordinal != next)
            params.must_be_reached(*position, name);
        return *position;
    }
    const std::int64_t time_us = std::get<std::int64_t>(*place);
    const auto ordinal =
        first_recorded_since(*params.core().ledger, which == Bound::first ? time_us : time_us + 1);
    if (!ordinal) return tl::unexpected(ordinal.error());
    if (which == Bound::first) return domain::Position{0, *ordinal};
    // Before the first event nothing matches: an upper bound cannot say so, an empty range of times
    // can.
    if (*ordinal == 0) return std::nullopt;
    return domain::Position{0, *ordinal - 1};
}

}  // namespace

domain::Result<std::uint64_t> first_recorded_since(const store::LogReader& log,
                                                   std::int64_t time_us) {
    std::uint64_t low = 0;
    std::uint64_t high = log.head(0).next_ordinal;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto frame = log.frame_at({0, middle});
        if (!frame) return tl::unexpected(frame.error());
        if ((*frame)->header().recorded_at_us >= time_us) {
            high = (*frame)->first().ordinal;
        } else {
            low = (*frame)->last().ordinal + 1;
        }
    }
    return low;
}

domain::Result<store::EventFilter> read_event_filter(Params& params) {
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
    auto from = bound(params, "from", Bound::first);
    auto to = bound(params, "to", Bound::last);
    if (!stream_names) return tl::unexpected(stream_names.error());
    if (!conversations) return tl::unexpected(conversations.error());
    if (!actors) return tl::unexpected(actors.error());
    if (!from) return tl::unexpected(from.error());
    if (!to) return tl::unexpected(to.error());
    filter.streams = std::move(*stream_names);
    for (const ingest::Account& account : params.core().config->accounts) {
        auto& workspaces = filter.stream_workspaces;
        if (std::find(workspaces.begin(), workspaces.end(), account.workspace) == workspaces.end())
            workspaces.push_back(account.workspace);
    }
    filter.conversations = std::move(*conversations);
    filter.actors = std::move(*actors);
    filter.from = *from;
    filter.to = *to;
    // No position lies before the first event, so an empty range of times says that nothing
    // matches.
    if (params.request().param("to") && !*to)
        filter.until_us = std::numeric_limits<std::int64_t>::min();
    return filter;
}

}  // namespace decklog::api
