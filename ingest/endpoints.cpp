#include "ingest/endpoints.hpp"

#include <algorithm>

#include "ingest/adapter.hpp"
#include "ingest/limits.hpp"
#include "ingest/platform_traits.hpp"
#include "store/log.hpp"

namespace decklog::ingest {
namespace {

constexpr std::string_view kDefault = "default";
constexpr Platform kPlatforms[] = {Platform::telegram, Platform::discord, Platform::whatsapp,
                                   Platform::slack};

// An empty secret would make an empty header valid.
Account without_empty_secrets(Account account) {
    std::erase(account.secrets, std::string{});
    std::erase(account.verify_tokens, std::string{});
    return account;
}

}  // namespace

Endpoint::Endpoint(Account account) : account_(without_empty_secrets(std::move(account))) {}

std::string Endpoint::variable() const {
    if (account_.id == kDefault) return std::string(traits_of(account_.platform).secret_variable);
    return "[[accounts]] " + std::string(to_text(account_.platform)) + "/" + account_.id +
           " secret";
}

void Endpoint::count_off_call(const store::Clock& clock, const domain::TraceId& trace) {
    const std::uint64_t calls = off_calls_.fetch_add(1, std::memory_order_relaxed) + 1;
    const std::int64_t now = clock.boot_us();
    std::int64_t next = next_log_boot_us_.load(std::memory_order_relaxed);
    if (calls > 1 && now < next) return;
    if (!next_log_boot_us_.compare_exchange_strong(next, now + limits::kOffLogIntervalUs)) return;
    store::log_warn("hooks", trace,
                    "webhook called but off: platform {}, account {}, calls {}; set {}",
                    to_text(account_.platform), account_.id, calls, variable());
}

Endpoints::Endpoints(std::vector<Account> accounts) {
    for (Account& account : accounts)
        endpoints_.push_back(std::make_unique<Endpoint>(std::move(account)));
    for (const Platform platform : kPlatforms) {
        if (find(platform, kDefault) != nullptr) continue;
        Account absent;
        absent.platform = platform;
        endpoints_.push_back(std::make_unique<Endpoint>(std::move(absent)));
    }
}

Endpoint* Endpoints::find(Platform platform, std::string_view account) const {
    for (const auto& endpoint : endpoints_) {
        if (endpoint->account().platform == platform && endpoint->account().id == account)
            return endpoint.get();
    }
    return nullptr;
}

std::vector<OffEndpoint> Endpoints::off() const {
    std::vector<OffEndpoint> off;
    for (const auto& endpoint : endpoints_) {
        if (endpoint->is_on()) continue;
        const Platform platform = endpoint->account().platform;
        const bool another_is_on =
            std::any_of(endpoints_.begin(), endpoints_.end(), [&](const auto& other) {
                return other->account().platform == platform && other->is_on();
            });
        const bool unused_default =
            endpoint->account().id == kDefault && another_is_on && endpoint->off_calls() == 0;
        if (!unused_default) off.push_back({platform, endpoint->variable(), endpoint->off_calls()});
    }
    return off;
}

bool Endpoints::covers(const Endpoint& endpoint, const std::string& secret,
                       std::string_view native_account) const {
    const Account& here = endpoint.account();
    if (here.id == native_account) return true;
    if (const Endpoint* named = find(here.platform, native_account)) {
        const auto& secrets = named->account().secrets;
        return std::find(secrets.begin(), secrets.end(), secret) != secrets.end();
    }
    return !adapter_of(here.platform).is_native_account(here.id);
}

}  // namespace decklog::ingest
