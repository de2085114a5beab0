#include "api/routes/audit_query.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/audit_counting.hpp"
#include "api/queries/event_filter.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/snapshots.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using projections::AuditBy;
using projections::AuditCount;
using projections::AuditCounts;
using projections::AuditQuery;

constexpr std::array<std::string_view, 4> kBy{"platform", "agent", "conversation", "action"};
constexpr std::array<std::string_view, 2> kNoYes{"false", "true"};
constexpr std::array<std::string_view, 5> kParams{"by", "window", "critical", "limit", "cursor"};
/// Filters that the view keeps no rows by.
constexpr std::array<std::string_view, 8> kOnlyInLog{"type",    "stream", "from",        "to",
                                                     "account", "cohort", "correlation", "release"};
constexpr std::string_view kWindow = "24h";
constexpr std::int64_t kDaysMax = 366;

/// A window ends now and has no upper bound; `since` and `until` name another stretch of time.
void read_window(Params& params, AuditQuery& query, const store::EventFilter& filter,
                 std::int64_t now_us) {
    const auto window =
        projections::window_us_from_text(params.text("window").value_or(std::string(kWindow)));
    if (!window)
        params.refuse(
            {"invalid_window", "give a window such as 45m, 24h or 7d", "window", kDaysMax});
    query.since_us = filter.since_us.value_or(now_us - window.value_or(0));
    query.until_us = filter.until_us;
}

AuditQuery read_query(Params& params, const store::EventFilter& filter, std::int64_t now_us) {
    AuditQuery query;
    query.by = projections::audit_by_from_text(params.word("by", kBy)).value_or(AuditBy::platform);
    query.critical = params.word("critical", kNoYes) == "true";
    query.platforms = filter.platforms;
    query.actions = filter.actions;
    query.actors = filter.actors;
    query.conversations = filter.conversations;
    read_window(params, query, filter, now_us);
    return query;
}

bool asks_the_log(const Request& request) {
    return std::any_of(kOnlyInLog.begin(), kOnlyInLog.end(), [&request](std::string_view name) {
        return request.param(name).has_value();
    });
}

void write_count(JsonWriter& json, AuditBy by, const AuditCount& count) {
    json.begin_object();
    switch (by) {
        case AuditBy::platform:
            json.field("platform", count.key);
            break;
        case AuditBy::agent:
            json.field("agentId", count.key).field("actorType", count.actor_type);
            break;
        case AuditBy::conversation:
            json.field("conversationId", count.key);
            break;
        case AuditBy::action:
            json.field("action", count.key);
            break;
    }
    json.key("count").number(count.count).end_object();
}

struct Page {
    std::size_t first = 0;
    std::size_t limit = 0;
};

void write_counts(JsonWriter& json, const AuditQuery& query, const AuditCounts& counts, Page page) {
    const std::size_t first = std::min(page.first, counts.items.size());
    const std::size_t last = std::min(first + page.limit, counts.items.size());
    json.field("by", projections::to_text(query.by))
        .field("since", domain::to_rfc3339(query.since_us));
    if (query.until_us) json.field("until", domain::to_rfc3339(*query.until_us));
    json.key("total").number(counts.total).key("items").begin_array();
    for (std::size_t i = first; i < last; ++i) write_count(json, query.by, counts.items[i]);
    json.end_array().key("next");
    if (last < counts.items.size()) {
        json.text(std::to_string(last));
    } else {
        json.null();
    }
}

Answer from_log(const Core& core, std::vector<store::EventFilter> filters, const AuditQuery& query,
                Page page) {
    for (store::EventFilter& filter : filters) filter.since_us = query.since_us;
    const std::vector<std::uint64_t> heads = heads_of(core);
    const auto counts = count_in_log(*core.ledger, filters, query);
    if (!counts) return answer_of(counts.error());
    JsonWriter json;
    json.begin_object();
    write_counts(json, query, *counts, page);
    write_as_of(json, core, heads);
    return json_answer(json.end_object().take());
}

Answer from_view(const Core& core, const AuditQuery& query, Page page) {
    const auto snapshots = core.engines->snapshots("audit");
    if (!snapshots) return answer_of(snapshots.error());
    JsonWriter json;
    json.begin_object();
    write_counts(json, query, projections::audit_counts(projections::rows_of(*snapshots), query),
                 page);
    write_reflected(json, core, *snapshots);
    return json_answer(json.end_object().take());
}

Answer audit_counts_answer(const Core& core, const Request& request, Params& params) {
    params.allow({kParams, kEventFilterParams, kEventRangeParams, kWaitParams});
    auto filters = read_event_filters(params);
    if (!filters) return answer_of(filters.error());
    const AuditQuery query = read_query(params, filters->front(), answer_time_us(core));
    // The cursor of a ranking is a rank.
    const Page page{static_cast<std::size_t>(params.whole_number(
                        "cursor", 0, 0, std::numeric_limits<std::int32_t>::max())),
                    static_cast<std::size_t>(read_limit(params))};
    if (params.refusal()) return answer_of(*params.refusal());
    return asks_the_log(request) ? from_log(core, std::move(*filters), query, page)
                                 : from_view(core, query, page);
}

}  // namespace

Route audit_query_route(const Core& core) {
    Route route;
    route.path = "/api/audit";
    route.access = Access::viewer;
    route.takes_query = true;
    route.handle =
        asking(core, AnswersFrom{"audit"}, [&core](const Request& request, Params& params) {
            return audit_counts_answer(core, request, params);
        });
    return route;
}

}  // namespace decklog::api
