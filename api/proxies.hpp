// Whose word about the client's address counts: X-Forwarded-For is read only when the connection
// comes from a trusted proxy, from the right, up to the first address that is not one. Immutable;
// any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::api {

class TrustedProxies {
  public:
    /// Addresses and networks (`10.0.0.0/8`, `::1`). Errors: invalid_argument.
    [[nodiscard]] static domain::Result<TrustedProxies> parse(
        const std::vector<std::string>& entries);
    TrustedProxies();

    [[nodiscard]] std::string client(std::string_view peer, std::string_view forwarded_for) const;

  private:
    struct Networks;
    [[nodiscard]] bool trusts(std::string_view address) const;
    std::shared_ptr<const Networks> networks_;
};

}  // namespace decklog::api
