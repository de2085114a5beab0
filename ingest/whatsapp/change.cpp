#include "ingest/whatsapp/change.hpp"

#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest::whatsapp {

std::vector<Element> elements_at(const Change& change, std::string_view key) {
    const JsonArray& array = array_at(change.value, key);
    std::vector<Element> elements;
    if (array.empty()) return elements;
    const std::string_view text = store::json_token_at(change.bytes, "value." + std::string(key));
    const auto texts = store::json_items(text);
    const bool sliced = texts.size() == array.size();
    for (std::size_t i = 0; i < array.size(); ++i) {
        elements.push_back({array[i].if_object(), sliced ? texts[i] : change.bytes});
    }
    return elements;
}

std::map<std::string, std::string, std::less<>> names_of(const JsonObject* value) {
    std::map<std::string, std::string, std::less<>> names;
    for (const Json& entry : array_at(value, "contacts")) {
        const JsonObject* contact = entry.if_object();
        const std::string_view name = text_at(object_at(contact, "profile"), "name");
        for (const std::string_view key : {"wa_id", "user_id"}) {
            if (std::string id = id_at(contact, key); !id.empty())
                names.emplace(std::move(id), name);
        }
    }
    return names;
}

std::optional<Person> person_at(const Change& change, const JsonObject* object,
                                std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys) {
        Person person{.native_id = id_at(object, key)};
        if (person.native_id.empty()) continue;
        person.username = text_at(object, "username");
        const auto name = change.names.find(person.native_id);
        person.display_name = name == change.names.end() ? person.username : name->second;
        return person;
    }
    return std::nullopt;
}

std::optional<Room> room_of(std::string group_id, const std::optional<Person>& counterpart) {
    if (!group_id.empty()) return Room{.native_id = std::move(group_id), .direct = false};
    if (!counterpart) return std::nullopt;
    return Room{.native_id = counterpart->native_id, .direct = true};
}

Item unrecognised_element(std::string_view bytes, std::string field) {
    return Item{.what = Unrecognised{.field = std::move(field)},
                .dedupe_id = {},
                .identity = canonical_or_raw(bytes),
                .source = bytes};
}

void give_id(const Change& change, Item& item) {
    if (item.dedupe_id.empty()) {
        item.dedupe_id =
            "wa:" + change.phone_number_id + ":" + change.field + ":h:" + item.identity;
    }
}

}  // namespace decklog::ingest::whatsapp
