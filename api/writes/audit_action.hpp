// One audit action in the AuditLogs shape, as services send it to POST /api/audit: checked, its
// details split into what the views count by and what is sealed, its envelope filled. The details
// go on as the text that came. Pure but for the keyed hash of long stream names; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/writes/write.hpp"

namespace decklog::api {

/// `key`: the Idempotency-Key of an action without an id of its own. Fields: actorType, actorId,
/// entityType, entityId, action, details, createdAt, id, platform, conversationId, cohort, release,
/// unit; any other is refused, since an audit log that drops what it was told is none. Needed:
/// action, entityType, entityId. Rejections name the field.
[[nodiscard]] CheckedWrite audit_action(std::string_view text,
                                        const std::optional<std::string>& key,
                                        const WriteContext& context);

/// Command source of the idempotency keys.
inline constexpr std::string_view kAuditSource = "api/audit";

}  // namespace decklog::api
