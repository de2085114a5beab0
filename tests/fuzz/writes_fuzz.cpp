// Bodies of POST /api/events and POST /api/audit: one text through every door (structured and
// batched CloudEvents, binary data, audit actions), as the routes do. A write that passes the
// checks is one the decider takes.
#include <string>

#include "api/writes/audit_action.hpp"
#include "api/writes/cloud_event.hpp"
#include "api/writes/submitting.hpp"
#include "api/writes/taking_in.hpp"
#include "store/json/canonical_json.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

const api::WriteContext& context() {
    static fuzz::CountingRandom random;
    static const auto vault = store::make_memory_vault(&random);
    static const api::WriteContext made{vault.get(), "default", "token:a1b2c3d4",
                                        {},          {},        1'790'000'000'000'000};
    return made;
}

void check(const api::CheckedWrite& write) {
    if (!write) {
        fuzz::require(!write.error().code.empty(), "a rejection has a code");
        return;
    }
    fuzz::require(!write->canonical.empty(), "a write has canonical text");
    fuzz::require(!write->event.stream.empty(), "a write has a stream");
}

void try_cloud_event(const domain::Decision<api::CloudEvent>& event) {
    if (event) check(api::cloud_event_write(*event, context()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check(api::audit_action(text, std::nullopt, context()));
    try_cloud_event(api::structured_cloud_event(text));
    if (const auto items = api::batch_items(text)) {
        for (const std::string_view item : *items) {
            check(api::audit_action(item, std::string("key"), context()));
            try_cloud_event(api::structured_cloud_event(item));
        }
    }
    // The first line is the data of a binary event, every other one `name: value` of a header.
    api::Request request;
    std::size_t end = text.find('\n');
    request.body = std::string(text.substr(0, end));
    while (end != std::string_view::npos) {
        const std::size_t begin = end + 1;
        end = text.find('\n', begin);
        const std::string_view line = text.substr(begin, end - begin);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        request.headers.emplace_back(std::string(line.substr(0, colon)),
                                     std::string(line.substr(colon + 1)));
    }
    try_cloud_event(api::binary_cloud_event(request));
    return 0;
}
