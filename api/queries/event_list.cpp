#include "api/queries/event_list.hpp"

#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/queries/limits.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 2> kOrders{"asc", "desc"};

/// Writes the items; returns where the next page begins.
std::optional<domain::Position> write_items(JsonWriter& json, const Core& core,
                                            const store::EventPage& page, const Opener& opener) {
    json.key("items").begin_array();
    std::optional<domain::Position> next = page.next;
    for (std::size_t i = 0; i < page.events.size(); ++i) {
        const auto& [frame, index] = page.events[i];
        const domain::EventView event = frame->event(index);
        write_event(json, event, core.ledger->ledger_id(), opener);
        if (json.size() > limits::kListBytesMax && i + 1 < page.events.size()) {
            next = event.position();
            break;
        }
    }
    json.end_array();
    return next;
}

}  // namespace

std::int64_t read_limit(Params& params) {
    return params.whole_number("limit", limits::kListItems, 1, limits::kListItemsMax);
}

Answer event_list(const Core& core, Params& params, store::EventFilter filter,
                  const std::function<void(JsonWriter&)>& head) {
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const auto order =
        params.word("order", kOrders) == "asc" ? store::Order::ascending : store::Order::descending;
    filter.after = params.position("cursor");
    if (params.refusal()) return answer_of(*params.refusal());

    // Read before the log is, so that asOf never claims an event that was not looked at.
    const std::uint64_t next_ordinal = core.ledger->head(0).next_ordinal;
    const auto page = store::find_events(*core.ledger, filter, order, limit);
    if (!page) return answer_of(page.error());

    JsonWriter json;
    json.begin_object();
    if (head) head(json);
    const Opener opener(*core.vault, params.request().principal.opens_sealed());
    const auto next = write_items(json, core, *page, opener);
    json.key("next");
    if (next) {
        json.text(cursor_of(core, *next));
    } else {
        json.null();
    }
    write_as_of(json, core, next_ordinal);
    json.end_object();
    return json_answer(json.take());
}

}  // namespace decklog::api
