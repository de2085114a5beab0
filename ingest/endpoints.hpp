// The accounts that webhooks may come to, and what is said about those whose secret is not set:
// such an endpoint is off (fail closed), answers 404, counts its calls, logs at most one an hour,
// and is named on /health with the variable to set. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/inbound.hpp"
#include "store/clock.hpp"

namespace decklog::ingest {

class Endpoint {
  public:
    explicit Endpoint(Account account);

    [[nodiscard]] const Account& account() const { return account_; }
    [[nodiscard]] bool is_on() const { return !account_.secrets.empty(); }
    /// What to set to turn it on.
    [[nodiscard]] std::string variable() const;

    /// A call while off.
    void count_off_call(const store::Clock& clock, const domain::TraceId& trace);
    [[nodiscard]] std::uint64_t off_calls() const {
        return off_calls_.load(std::memory_order_relaxed);
    }

  private:
    Account account_;
    std::atomic<std::uint64_t> off_calls_{0};
    std::atomic<std::int64_t> next_log_boot_us_{0};
};

class Endpoints {
  public:
    /// The account `default` of every platform is there even when nobody configured it: off.
    explicit Endpoints(std::vector<Account> accounts);

    [[nodiscard]] Endpoint* find(Platform platform, std::string_view account) const;
    /// Off: the default account of a platform without any live account, and configured accounts
    /// without a secret.
    [[nodiscard]] std::vector<OffEndpoint> off() const;

    /// May a body that names `native_account` come in under `endpoint` with the secret `secret`?
    /// Known only when the account named is configured, or when the endpoint's own name is one of
    /// the platform's ids.
    [[nodiscard]] bool covers(const Endpoint& endpoint, const std::string& secret,
                              std::string_view native_account) const;

  private:
    std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace decklog::ingest
