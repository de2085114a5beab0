// An operator's order under an Idempotency-Key: the same body under the same key is the same order,
// whatever else was drawn for it. Any thread.
#pragma once

#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

/// Gives the submission the key of the request, if it has one. `source` separates the keys of the
/// routes. Rejections: invalid_id (Idempotency-Key), those of canonical JSON.
[[nodiscard]] domain::Decision<void> bind_to_key(const Core& core, const Request& request,
                                                 std::string_view source,
                                                 store::Submission& submission);

}  // namespace decklog::api
