// A body that passed the signature check of one platform: read it, blank its bearer fields, file
// its items. Whatever it holds, every item is filed as something the decider accepts, and the
// blanked copy keeps its length.
#include <memory>
#include <string>

#include "ingest/adapter.hpp"
#include "ingest/blanking.hpp"
#include "ingest/filing.hpp"
#include "ingest/form.hpp"
#include "ingest/platform_traits.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

constexpr ingest::Platform kPlatform = ingest::Platform::DECKLOG_FUZZ_PLATFORM;
constexpr std::int64_t kToday = 1'790'000'000'000'000;
constexpr std::size_t kBodiesPerVault = 2'000;  // a vault keeps every person; memory must not grow

store::Vault& vault() {
    static fuzz::CountingRandom random;
    static std::unique_ptr<store::Vault> kept;
    static std::size_t bodies = 0;
    if (!kept || ++bodies % kBodiesPerVault == 0) kept = store::make_memory_vault(&random);
    return *kept;
}

/// Nothing is in it, so nothing that is filed is a repeat.
const store::Ledger& ledger() {
    static const std::unique_ptr<store::Ledger> kEmpty = store::make_memory_ledger({});
    return *kEmpty;
}

void check_filing(const ingest::Filing& filing, std::size_t items) {
    fuzz::require(filing.submissions.size() == items, "one submission an item");
    for (const store::Submission& submission : filing.submissions) {
        fuzz::require(submission.key.has_value(), "a webhook item has a key");
        fuzz::require(submission.intent.decide({}).has_value(), "the decider takes what is filed");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = fuzz::text_of(data, size);
    const bool is_json = !body.empty() && (body.front() == '{' || body.front() == '[');
    const std::string_view type =
        is_json ? "application/json" : "application/x-www-form-urlencoded";
    const ingest::Adapter& adapter = ingest::adapter_of(kPlatform);
    auto reading = adapter.read({body, type, "default"});
    if (!reading) {
        fuzz::require(!reading.error().code.empty(), "a rejection has a code");
        return 0;
    }
    fuzz::require(reading->handshake || !reading->items.empty(), "a body is something");
    const std::string blanked =
        ingest::blanked(body, ingest::is_form(type, body), adapter.bearer_fields());
    fuzz::require(blanked.size() == body.size(), "blanking keeps the length");
    const std::size_t items = reading->items.size();
    ingest::Account account;
    account.platform = kPlatform;
    const ingest::Arrival arrival{account, ingest::traits_of(kPlatform), {}, kToday, {}};
    const auto filing = ingest::file_items(arrival, std::move(reading->items), ledger(), vault(),
                                           ingest::Newcomers::created);
    fuzz::require(filing.has_value(), "a vault in memory does not fail");
    check_filing(*filing, items);
    if (reading->answer) static_cast<void>(reading->answer("00000000.0:1"));
    return 0;
}
