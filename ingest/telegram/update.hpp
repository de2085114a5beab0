// The parts that Telegram's updates share: one update, its people and rooms, its dedupe id and
// identity. An update_id is dense only while updates come; after a quiet week Telegram picks the
// next one at random, so an update is known by what it is about (kind, chat, message, date), and
// another content under a known update_id is another update.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::telegram {

struct Update {
    std::string_view kind;                // `message`, `chat_member`, …
    const JsonObject* content = nullptr;  // nullptr: of another type than documented
    std::string dedupe_id;                // `tg:{bot}:{update_id}`
    std::string_view bytes;               // the whole body
};

/// nullopt: no user with an id there.
[[nodiscard]] std::optional<Person> person_of(const JsonObject* user);
[[nodiscard]] std::optional<Person> person_at(const JsonObject* object, std::string_view key);
[[nodiscard]] std::optional<Room> room_at(const JsonObject* object, std::string_view key);
/// A chat known by its id alone: positive ids are people.
[[nodiscard]] std::optional<Room> room_of_id(std::string id);

/// An item of this update with what all kinds have: room, actor, time, message id.
[[nodiscard]] Item item_of(const Update& update, What what);

[[nodiscard]] std::string identity_of(const Update& update);

}  // namespace decklog::ingest::telegram
