// Making and ending tokens: what a request or the first start asks for becomes a command of the
// log. The token itself leaves this process once, in the answer to its creation. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/app.hpp"
#include "domain/token/token.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

struct TokenWish {
    std::string role;
    std::string name;
    std::optional<std::int64_t> expires_at_us;
    bool personal = false;
    std::optional<std::string> account;
    std::optional<std::string> gate{};
};

struct TokenSubmission {
    std::string id;
    std::string text;  // the token
    store::Submission submission;
};

/// A new token and the command that records it; the ledger decides whether it may be.
[[nodiscard]] TokenSubmission create_token_submission(const Core& core, const TokenWish& wish,
                                                      domain::TokenOrder order);

/// By whom: the principal of a request.
[[nodiscard]] domain::TokenOrder order_of(const Core& core, const Request& request);

}  // namespace decklog::api
