// An item as the two parts of its event: the clear payload (ids, kinds, numbers) and the Personal
// table that gets sealed. The only place of the edge that knows the schema's tables.
#pragma once

#include "domain/event.hpp"
#include "ingest/clear_names.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest {

struct Payload {
    domain::EventType type{};
    domain::Bytes bytes;
    std::string_view command;  // name of the intent
};

/// `unrecognised_hash`: of the item's bytes, for an item that was not understood.
[[nodiscard]] Payload payload_of(const Item& item, const ClearNames& names,
                                 const domain::Bytes16& unrecognised_hash);

/// Empty: the item says nothing about a person.
[[nodiscard]] domain::Bytes personal_of(const Item& item, const PlatformTraits& traits);

}  // namespace decklog::ingest
