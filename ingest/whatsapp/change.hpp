// The parts that all items of one WhatsApp change share: the number it came to, the names in its
// contacts, people and rooms. Ids come as strings or integers; people with a username may have no
// phone number and are known by their user id. A group's id is base64 with the number of its owner
// inside, so it never stands in the clear.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::whatsapp {

struct Change {
    std::string field;  // as Meta names it; `messages`, `group_lifecycle_update`, …
    const JsonObject* value = nullptr;
    std::string_view bytes;  // of the change
    std::string phone_number_id;
    std::map<std::string, std::string, std::less<>> names;  // wa_id or user_id -> profile name
};

/// One element of an array inside the change, with its text as received.
struct Element {
    const JsonObject* object = nullptr;
    std::string_view bytes;
};
[[nodiscard]] std::vector<Element> elements_at(const Change& change, std::string_view key);

[[nodiscard]] std::map<std::string, std::string, std::less<>> names_of(const JsonObject* value);

/// The first of the keys that holds an id; the display name comes from the contacts.
[[nodiscard]] std::optional<Person> person_at(const Change& change, const JsonObject* object,
                                              std::initializer_list<std::string_view> keys);

/// The group when there is one, else the one-to-one chat with `counterpart`.
[[nodiscard]] std::optional<Room> room_of(std::string group_id,
                                          const std::optional<Person>& counterpart);

/// An element that says nothing we know; readers start from it and fill in what they understand.
[[nodiscard]] Item unrecognised_element(std::string_view bytes, std::string field);

/// Items that brought no id of their own are known by field and content.
void give_id(const Change& change, Item& item);

}  // namespace decklog::ingest::whatsapp
