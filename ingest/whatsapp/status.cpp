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
    const std::string status = clear_word(text_at(report, "status"));
    // A word of a newer release ranks below all we know: it never wins, and is not lost.
    const std::uint32_t rank = status_rank(Platform::whatsapp, status).value_or(0);
    const std::string id = id_at(report, "id");
    const bool in_group = text_at(report, "recipient_type") == "group";
    auto recipient = in_group
                         ? person_at(change, report,
                                     {"recipient_participant_id", "recipient_participant_user_id"})
                         : person_at(change, report, {"recipient_id", "recipient_user_id"});
    Item item = unrecognised_element(element.bytes, "statuses");
    if (id.empty() || !has(report, "status") || !recipient) return item;
    item.dedupe_id =
        "wa:s:" + id + ":" + std::string(text_at(report, "status")) + ":" + recipient->native_id;
    item.room = room_of(in_group ? id_at(report, "recipient_id") : std::string{}, recipient);
    item.message_id = id;
    item.occurred_at_us = seconds_at(report, "timestamp");
    item.what = StatusReported{status, rank, error_code_of(report), std::move(*recipient)};
    return item;
}

}  // namespace decklog::ingest::whatsapp
