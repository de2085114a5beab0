// A page of events: `{items, next, asOf}`, in the order in which they were recorded or newest
// first. A page ends at `limit` items or 8 MiB, whichever comes first; `next` is a cursor while
// there may be more. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "api/http.hpp"
#include "api/json_writer.hpp"
#include "api/queries/params.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

inline constexpr std::array<std::string_view, 3> kPageParams{"limit", "cursor", "order"};

/// Answers with the events that match. `filters`: as read_event_filters gives them. Members that
/// stand before `items` come from `head`, which may be empty.
[[nodiscard]] Answer event_list(const Core& core, Params& params,
                                const std::vector<store::EventFilter>& filters,
                                const std::function<void(JsonWriter&)>& head = {});

[[nodiscard]] std::int64_t read_limit(Params& params);

}  // namespace decklog::api
