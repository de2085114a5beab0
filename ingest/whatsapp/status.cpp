#include "ingest/whatsapp/status.hpp"

#include <limits>

#include "ingest/platform_traits.hpp"

namespace decklog::ingest::whatsapp {
namespace {

std::int32_t error_code_of(const JsonObject* status) {
    const JsonArray& errors = array_at(status, "errors");
    const std::int64_t code =
        errors.empty() ? 0 : integer_at(errors.front().if_object(), "code").value_or(0);
    const bool fits = code >= 0 && code <= std::numeric_limits<std::int32_t>::max();
    return fits ? static_cast<std::int32_t>(code) : 0;
}

}  // namespace

Item read_status(const Change& change, const Element& element) {
    const JsonObject* report = element.object;
    const std::string status(text_at(report, "status"));
    const std::string id = id_at(report, "id");
    const auto rank = status_rank(Platform::whatsapp, status);
    const bool in_group = text_at(report, "recipient_type") == "group";
    auto recipient = in_group
                         ? person_at(change, report,
                                     {"recipient_participant_id", "recipient_participant_user_id"})
                         : person_at(change, report, {"recipient_id", "recipient_user_id"});
    Item item = unrecognised_element(element.bytes, "statuses");
    if (id.empty() || !rank || !recipient) return item;
    item.dedupe_id = "wa:s:" + id + ":" + status + ":" + recipient->native_id;
    item.room = room_of(in_group ? id_at(report, "recipient_id") : std::string{}, recipient);
    item.message_id = id;
    item.occurred_at_us = seconds_at(report, "timestamp");
    item.what = StatusReported{status, *rank, error_code_of(report), std::move(*recipient)};
    return item;
}

}  // namespace decklog::ingest::whatsapp
