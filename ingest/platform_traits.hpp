// What the four platforms can do and how they name things, as data: filing, routing and the screens
// read this table instead of asking "is it WhatsApp". Sources are the platforms' own descriptions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/inbound.hpp"

namespace decklog::ingest {

struct PlatformTraits {
    Platform platform;
    std::string_view name;
    std::string_view secret_variable;  // unset: the endpoint is off

    /// The id of a one-to-one chat is the counterpart's own id.
    bool direct_room_is_person;
    /// A group's id has somebody's phone number inside (WhatsApp: base64).
    bool group_id_names_person;
    bool message_id_names_person;
    /// Telegram's callback ids begin with the user's id; Slack's come from a bearer field.
    bool interaction_id_names_person;
    /// An id may come again for something else (Telegram picks update_id at random after a quiet
    /// week).
    bool reuses_item_ids;

    // What it can tell us and what it lets us do; an action it lacks is shown as skipped, not
    // silently dropped.
    bool reports_edits, reports_deletions, reports_reactions, reports_delivery;
    bool edits_sent, deletes_sent, sends_once;  // sends_once: the send takes an idempotency key
};

[[nodiscard]] const PlatformTraits& traits_of(Platform platform);

/// Delivery statuses of a platform in the order of a max-lattice; nullopt: not a status we know.
/// That a message was delivered outranks a report that it failed.
[[nodiscard]] std::optional<std::uint32_t> status_rank(Platform platform, std::string_view status);

}  // namespace decklog::ingest
