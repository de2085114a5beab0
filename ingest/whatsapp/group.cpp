#include "ingest/whatsapp/group.hpp"

namespace decklog::ingest::whatsapp {
namespace {

void add_members(const Change& change, const Element& element, std::string_view key, bool joined,
                 std::vector<Item>& items) {
    const JsonObject* group = element.object;
    const std::string request = id_at(group, "request_id");
    for (const Json& entry : array_at(group, key)) {
        auto member = person_at(change, entry.if_object(), {"wa_id", "user_id", "input"});
        if (!member) continue;
        Item item = unrecognised_element(element.bytes, change.field);
        item.dedupe_id = "wa:" + change.phone_number_id + ":" + change.field + ":" +
                         (request.empty() ? "h:" + item.identity : request) + ":" +
                         member->native_id;
        item.room = room_of(id_at(group, "group_id"), std::nullopt);
        if (item.room) item.room->title = text_at(group, "subject");
        item.occurred_at_us = seconds_at(group, "timestamp");
        if (item.room) item.what = Membership{.joined = joined, .member = std::move(*member)};
        items.push_back(std::move(item));
    }
}

}  // namespace

std::vector<Item> read_group(const Change& change, const Element& element) {
    std::vector<Item> items;
    add_members(change, element, "added_participants", true, items);
    add_members(change, element, "removed_participants", false, items);
    if (!items.empty()) return items;
    Item item = unrecognised_element(element.bytes, change.field);
    if (const std::string request = id_at(element.object, "request_id"); !request.empty()) {
        item.dedupe_id = "wa:" + change.phone_number_id + ":" + change.field + ":" + request;
    }
    items.push_back(std::move(item));
    return items;
}

}  // namespace decklog::ingest::whatsapp
