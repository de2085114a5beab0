#include "ingest/whatsapp/normalise.hpp"

#include <iterator>

#include "domain/limits.hpp"
#include "ingest/whatsapp/group.hpp"
#include "ingest/whatsapp/message.hpp"
#include "ingest/whatsapp/status.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest::whatsapp {
namespace {

void read_change(const Change& change, std::vector<Item>& items) {
    const std::size_t before = items.size();
    for (const Element& element : elements_at(change, "messages"))
        items.push_back(read_message(change, element));
    for (const Element& element : elements_at(change, "statuses"))
        items.push_back(read_status(change, element));
    for (const Element& element : elements_at(change, "groups")) {
        std::vector<Item> more = read_group(change, element);
        items.insert(items.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
    for (const Element& element : elements_at(change, "errors")) {
        items.push_back(unrecognised_element(element.bytes, "errors"));
    }
    if (items.size() == before) items.push_back(unrecognised_element(change.bytes, change.field));
    for (std::size_t i = before; i < items.size(); ++i) give_id(change, items[i]);
}

/// The texts of an array's elements; empty views when they cannot be told apart (a key given
/// twice).
std::vector<std::string_view> texts_of(std::string_view array_text, std::size_t size) {
    const auto texts = store::json_items(array_text);
    return texts.size() == size ? texts : std::vector<std::string_view>(size);
}

void read_entry(const Json& value, std::string_view entry_text, Reading& reading) {
    const JsonArray& changes = array_at(value.if_object(), "changes");
    const auto texts = texts_of(store::json_token_at(entry_text, "changes"), changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const JsonObject* object = changes[i].if_object();
        Change change{.field = clear_word(text_at(object, "field")),
                      .value = object_at(object, "value"),
                      .bytes = texts[i].empty() ? entry_text : texts[i],
                      .phone_number_id = {},
                      .names = {}};
        change.phone_number_id = id_at(object_at(change.value, "metadata"), "phone_number_id");
        change.names = names_of(change.value);
        if (!change.phone_number_id.empty())
            reading.native_accounts.push_back(change.phone_number_id);
        read_change(change, reading.items);
    }
}

}  // namespace

domain::Decision<Reading> read(const SignedBody& body) {
    const auto parsed = parse_json(body.bytes);
    if (!parsed) return tl::unexpected(parsed.error());
    Reading reading;
    const JsonArray& entries = array_at(parsed->if_object(), "entry");
    const auto texts = texts_of(store::json_token_at(body.bytes, "entry"), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        read_entry(entries[i], texts[i].empty() ? body.bytes : texts[i], reading);
    }
    if (reading.items.empty())
        reading.items.push_back(unrecognised_body(body.bytes, "body", "wa:"));
    return reading;
}

}  // namespace decklog::ingest::whatsapp
