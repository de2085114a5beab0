#include "api/writes/taking_in.hpp"

#include <utility>

#include "api/answers.hpp"
#include "api/limits.hpp"
#include "api/writes/rules.hpp"
#include "api/writes/submitting.hpp"
#include "api/writes/write_answers.hpp"
#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {

Route write_route(const Core& core, std::string path, Door door) {
    Route post;
    post.method = Method::post;
    post.path = std::move(path);
    post.access = Access::ingest;
    post.body_bytes_max = limits::kApiBodyBytesMax;
    post.writes_log = true;
    post.handle = [&core, door](Request request, Reply reply) {
        core.run_blocking(
            [&core, door, request = std::move(request), reply = std::move(reply)]() mutable {
                door(core, request, std::move(reply));
            });
    };
    return post;
}

WriteContext write_context(const Core& core, const Request& request) {
    WriteContext context;
    context.vault = core.vault;
    context.recorded_by = "token:" + request.principal.id;
    context.account = request.principal.account;
    context.trace = request.trace;
    context.now_us = core.clock->now_us();
    return context;
}

domain::Decision<std::optional<std::string>> idempotency_key(const Request& request) {
    const std::string_view key = request.header("idempotency-key");
    if (key.empty()) return std::nullopt;
    if (auto refusal = rules::outside_id(key, "Idempotency-Key"))
        return tl::unexpected(std::move(*refusal));
    return std::string(key);
}

std::optional<std::string> item_key(const std::optional<std::string>& key, std::size_t index) {
    if (!key) return std::nullopt;
    return *key + "/" + std::to_string(index);
}

void take_one(const Core& core, std::string_view source, CheckedWrite write, Reply reply) {
    if (!write) {
        reply(answer_of(write.error()));
        return;
    }
    std::vector<CheckedWrite> writes;
    writes.push_back(std::move(write));
    file(core, source, std::move(writes), BehindARefusal::are_tried,
         [&core, reply = std::move(reply)](const std::vector<Filed>& results) {
             reply(single_answer(core, results.front()));
         });
}

void take_batch(const Core& core, std::string_view source, std::vector<CheckedWrite> writes,
                Reply reply) {
    file(core, source, std::move(writes), BehindARefusal::are_tried,
         [&core, reply = std::move(reply)](std::vector<Filed> results) {
             // Ten thousand results take a while to write; the writer has other work.
             core.run_blocking([&core, reply, results = std::move(results)] {
                 BatchAnswer answer(core, BatchAnswer::Results::all);
                 for (const Filed& filed : results) answer.add(filed);
                 reply(answer.finish());
             });
         });
}

domain::Decision<std::vector<std::string_view>> batch_items(std::string_view body) {
    auto items = store::json_array_items(body, domain::limits::kJsonDepthMax);
    if (items && items->size() > limits::kBatchItemsMax) {
        return domain::reject("too_many_items", "send at most 10,000 items a request, or NDJSON",
                              {}, static_cast<std::int64_t>(limits::kBatchItemsMax));
    }
    return items;
}

}  // namespace decklog::api
