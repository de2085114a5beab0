#include "tests/bench/support/bulk_ledger.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "domain/fact.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/bench/mix.hpp"
#include "tests/bench/support/audit_traffic.hpp"
#include "tests/bench/support/timing.hpp"

namespace decklog::bench {
namespace {

constexpr std::uint64_t kBatch = 2'000;
constexpr int kBatchesInFlight = 4;
constexpr std::uint64_t kSayEvery = 1'000'000;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

template <class Value>
Value must(domain::Result<Value> result) {
    if (!result) give_up(result.error().context);
    return std::move(*result);
}

}  // namespace

OpenLedger open_ledger(const std::filesystem::path& root) {
    auto directory = must(store::Directory::open(root, std::chrono::seconds(30)));
    const bool exists = std::filesystem::exists(directory.ledger() / "CURRENT");
    auto vault = must(store::open_rocks_vault(root, exists, &store::system_random()));
    auto ledger = must(store::open_rocks_ledger(root, {}));
    if (auto bound = vault->bind(ledger->ledger_id()); !bound) give_up(bound.error().context);
    return {std::move(directory), std::move(vault), std::move(ledger)};
}

double append_all(store::Ledger& ledger, std::uint64_t from, std::uint64_t to,
                  const MakeSubmission& make) {
    std::mutex mutex;
    std::condition_variable answered;
    int in_flight = 0;
    Stopwatch watch;
    watch.start();
    for (std::uint64_t next = from; next < to;) {
        std::vector<store::Submission> batch;
        for (; next < to && batch.size() < kBatch; ++next) batch.push_back(make(next));
        {
            std::unique_lock lock(mutex);
            answered.wait(lock, [&] { return in_flight < kBatchesInFlight; });
            ++in_flight;
        }
        ledger.submit(0, std::move(batch), [&](const std::vector<store::Answer>& answers) {
            const bool good = std::all_of(answers.begin(), answers.end(),
                                          [](const store::Answer& each) { return bool(each); });
            if (!good) give_up("an append was refused");
            const std::lock_guard lock(mutex);
            --in_flight;
            answered.notify_one();
        });
        if (next / kSayEvery != (next - kBatch) / kSayEvery)
            std::fprintf(stderr, "%.1f M events after %.0f s\n", static_cast<double>(next) / 1e6,
                         watch.running());
    }
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return in_flight == 0; });
    watch.stop();
    return watch.seconds();
}

double fill_with_mix(store::Ledger& ledger, std::uint64_t events) {
    const std::uint64_t has = ledger.head(0).next_ordinal;
    Mix mix;
    for (std::uint64_t number = 0; number < has; ++number) static_cast<void>(mix.next());
    const std::int64_t to_now = store::system_clock().now_us() - Mix::kStartUs -
                                static_cast<std::int64_t>(events) * Mix::kStepUs;
    return append_all(ledger, has, events, [&](std::uint64_t number) {
        domain::NewEvent event = mix.next();
        event.occurred_at_us += to_now;
        store::Submission made;
        made.intent = domain::fact("bench", std::move(event));
        made.key = audit_key(number);
        made.request_hash.bytes = made.key->bytes;
        return made;
    });
}

}  // namespace decklog::bench
