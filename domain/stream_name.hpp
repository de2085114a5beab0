// Names of streams, `kind/part/part`, made in one place so that two doors never name one aggregate
// differently. A name that would pass 256 bytes, or whose inner parts hold a slash (and so could be
// read two ways), carries a digest instead of the parts. The digest is handed in: the edge owns the
// keyed hash, this folder owns no cryptography. Pure, any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "domain/ids.hpp"

namespace decklog::domain {

/// 128 bits of any collision-resistant hash; the same bytes for the same text, for as long as the
/// ledger lives.
using Digest = std::function<Bytes16(std::string_view)>;

/// `kind/part/part`, else `kind/h_` and 32 hex digits. Different parts give different names.
[[nodiscard]] std::string stream_name(std::string_view kind,
                                      std::span<const std::string_view> parts,
                                      const Digest& digest);

/// `audit/{entityType}/{entityId}`
[[nodiscard]] std::string audit_stream(std::string_view entity_type, std::string_view entity_id,
                                       const Digest& digest);
/// `ext/{source}`
[[nodiscard]] std::string external_stream(std::string_view source, const Digest& digest);

/// `token/{id}`, `message/{id}`, `appointment/{id}`, `account/{id}`, `worker/{name}`: their ids are
/// short by rule, so the name stands as it is.
[[nodiscard]] std::string token_stream(std::string_view token_id);
[[nodiscard]] std::string message_stream(std::string_view message_id);
[[nodiscard]] std::string appointment_stream(std::string_view appointment_id);
[[nodiscard]] std::string account_stream(std::string_view account_id);
[[nodiscard]] std::string worker_stream(std::string_view worker);

}  // namespace decklog::domain
