// Platform accounts as an aggregate, one stream an account: what the services behind the runbooks
// may do on a platform. Switching an account off is the kill switch; it is an event, so a restart
// leaves it off. Credentials are references (credentials.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/account/credentials.hpp"
#include "domain/decider.hpp"
#include "domain/token/token.hpp"

namespace decklog::domain {

/// What an account may do. `send_mode` is `auto_send`, `draft_only`, or empty: as is the default.
struct AccountPolicy {
    bool is_active = true;
    std::string send_mode{};
    std::string integration_mode = "rpa";
    std::vector<Credential> credentials{};
    bool operator==(const AccountPolicy&) const = default;
};

[[nodiscard]] bool is_send_mode(std::string_view text);
/// Of the account alone, else the default.
[[nodiscard]] std::string_view effective_send_mode(const AccountPolicy& policy,
                                                   std::string_view default_mode);

/// By whom, when, as part of which request, and what an unset send mode means now.
struct AccountOrder {
    TokenOrder by{};
    std::string default_send_mode = "draft_only";
};

struct CreatePlatformAccount {
    AccountOrder order{};
    std::string account_id{};  // made of platform and external id, so that no two can be made
    std::string platform{};
    std::string account_name{};
    std::string account_external_id{};
    AccountPolicy policy{};
};

/// What is absent stays as it is.
struct UpdatePlatformPolicy {
    AccountOrder order{};
    std::string account_id{};
    std::optional<bool> is_active{};
    std::optional<std::string> send_mode{};  // empty: as is the default
    std::optional<std::string> integration_mode{};
    std::optional<std::vector<Credential>> credentials{};
};

struct PlatformAccount {
    struct State {
        bool exists = false;
        bool beyond_this_build = false;  // its stream holds an event that only a newer build knows
        std::string platform{};
        std::string account_name{};
        std::string account_external_id{};
        AccountPolicy policy{};
        std::int64_t created_at_us = 0;  // recorded
        std::int64_t updated_at_us = 0;
    };
    using Command = std::variant<CreatePlatformAccount, UpdatePlatformPolicy>;

    static State initial() { return {}; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections on creating: invalid_name (platform, 128), invalid_id (accountName,
    /// accountExternalId, 200), already_created. On updating: not_found. On both:
    /// unknown_send_mode (sendMode), unknown_integration_mode (integrationMode), those of
    /// check_credentials, newer_build. An update that changes nothing is accepted with nothing to
    /// do.
    static Decision<Events> decide(const Command& command, const State& state);
};

[[nodiscard]] Intent create_platform_account(CreatePlatformAccount command);
[[nodiscard]] Intent update_platform_policy(UpdatePlatformPolicy command);

}  // namespace decklog::domain
