#include "api/queries/event_list.hpp"

#include <cstddef>

#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/queries/limits.hpp"
#include "store/frame/frame.hpp"
#include "store/query/ledger_query.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 2> kOrders{"asc", "desc"};

/// Writes the items; returns where the next page begins, empty: nowhere.
domain::Positions write_items(JsonWriter& json, const Core& core, const store::LedgerPage& page,
                              const Opener& opener) {
    json.key("items").begin_array();
    std::size_t given = 0;
    for (const auto& [frame, index] : page.events) {
        write_event(json, frame->event(index), core.ledger->ledger_id(), opener);
        ++given;
        if (json.size() > limits::kListBytesMax) break;
    }
    json.end_array();
    return page.next_after(given);
}

}  // namespace

std::int64_t read_limit(Params& params) {
    return params.whole_number("limit", limits::kListItems, 1, limits::kListItemsMax);
}

Answer event_list(const Core& core, Params& params, const std::vector<store::EventFilter>& filters,
                  const std::function<void(JsonWriter&)>& head) {
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const auto order =
        params.word("order", kOrders) == "asc" ? store::Order::ascending : store::Order::descending;
    const domain::Positions after = params.positions("cursor");
    if (params.refusal()) return answer_of(*params.refusal());

    // Read before the log is, so that asOf never claims an event that was not looked at.
    const std::vector<std::uint64_t> heads = heads_of(core);
    const auto page = store::find_in_ledger(*core.ledger, filters, after, order, limit);
    if (!page) return answer_of(page.error());

    JsonWriter json;
    json.begin_object();
    if (head) head(json);
    const Opener opener(*core.vault, params.request().principal.opens_sealed());
    const auto next = write_items(json, core, *page, opener);
    json.key("next");
    if (next.empty()) {
        json.null();
    } else {
        json.text(cursor_of(core, next));
    }
    write_as_of(json, core, heads);
    json.end_object();
    return json_answer(json.take());
}

}  // namespace decklog::api
