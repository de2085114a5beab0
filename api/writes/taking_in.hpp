// From a request's items to its answer, the same for every door: check each item, file them
// together, answer one alone or a batch. Runs on a blocking thread (the vault may have to sync new
// subjects); the answer leaves on any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/writes/write.hpp"

namespace decklog::api {

/// What the writes of this request share: who wrote them, when, for which account.
[[nodiscard]] WriteContext write_context(const Core& core, const Request& request);

/// The `Idempotency-Key` header. Rejections: invalid_id.
[[nodiscard]] domain::Decision<std::optional<std::string>> idempotency_key(const Request& request);
/// The key of item `index`: `key/index`.
[[nodiscard]] std::optional<std::string> item_key(const std::optional<std::string>& key,
                                                  std::size_t index);

void take_one(const Core& core, std::string_view source, CheckedWrite write, Reply reply);
void take_batch(const Core& core, std::string_view source, std::vector<CheckedWrite> writes,
                Reply reply);

/// A POST of the role `ingest` whose work is done on a blocking thread.
using Door = void (*)(const Core&, const Request&, Reply);
[[nodiscard]] Route write_route(const Core& core, std::string path, Door door);

/// The items of a JSON array. Rejections: invalid_json, json_too_deep, too_many_items (limit
/// 10,000).
[[nodiscard]] domain::Decision<std::vector<std::string_view>> batch_items(std::string_view body);

}  // namespace decklog::api
