// Filters take the ids that people know: `platform:native-id`, a bare native id, a room id of
// /api/rooms. In the log people and one-to-one chats stand as subject ids or keyed hashes, so a
// value is translated at the edge, by asking the vault who is known; nothing is created. What is no
// person stands for itself. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

/// What `value` may be called in an envelope's actor id or conversation: itself, the person by this
/// native id, and the room.
[[nodiscard]] domain::Result<std::vector<std::string>> envelope_names(const store::Vault& vault,
                                                                      std::string_view value);

/// `room/{platform}/{account}/{native id}` with the native id translated; any other stream as it
/// is.
[[nodiscard]] domain::Result<std::string> stream_by_native_id(const store::Vault& vault,
                                                              std::string_view stream);

/// The ids that a room of /api/rooms may have when a person calls it `id`: itself, and
/// `platform:account:…` with the native id translated; the account may be left out.
[[nodiscard]] domain::Result<std::vector<std::string>> room_ids(const store::Vault& vault,
                                                                std::string_view id);

}  // namespace decklog::api
