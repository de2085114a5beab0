// Whom `decklog erase` and POST /api/subjects/erase mean:
//
//   p_0123…                     a subject id
//   whatsapp:16505551234        a person of a chat platform, by the platform's own id; with the
//                               account in between as filters take it (a person is one in all);
//                               a number of WhatsApp also as people write it, +1 650 555-1234
//   conversation:roomies:c-3    the subject of what services said of a conversation (platform, id;
//                               the platform may be empty), and of what a group room said itself
//   entity:booking:b-7          the subject of what they said of another entity (type, id;
//   CloudEvents
//                               without a conversation: entity:ext:STREAM)
//
// Translated at the edge, nothing is created. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

/// What a text may mean. Types and platforms of services may hold colons, so it can be more than
/// one thing; the vault knows which of them there is.
struct PersonName {
    std::optional<domain::SubjectId> subject{};
    std::vector<store::NativeSubject> natives{};
};

/// Rejections: invalid_person (field person).
[[nodiscard]] domain::Decision<PersonName> read_person(std::string_view text);

/// The subject; nullopt: nobody is known by this name (any more). Rejections: ambiguous_person.
/// Errors: the vault's.
[[nodiscard]] domain::Result<domain::Decision<std::optional<domain::SubjectId>>> find_person(
    const store::Vault& vault, const PersonName& name);

}  // namespace decklog::api
