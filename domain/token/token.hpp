// API tokens as an aggregate, one stream a token. The log keeps what a token may do and a keyed
// hash of it, never the token: whoever holds a copy of the log holds no key. Expiry is no event;
// whoever checks a token compares the time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "domain/decider.hpp"
#include "domain/token/token_role.hpp"

namespace decklog::domain {

/// Who gave the command, when and as part of which request: the same for every command about
/// tokens.
struct TokenOrder {
    std::string workspace = "default";
    Actor actor{};              // operator, or system for the token made at first start
    std::string recorded_by{};  // authenticated principal
    std::int64_t now_us = 0;
    TraceId trace_id{};
};

struct CreateToken {
    TokenOrder order{};
    std::string token_id{};
    std::string role{};
    std::string name{};
    Bytes32 hash{};  // of the whole token, keyed by the vault
    std::optional<std::int64_t> expires_at_us{};
    bool personal = false;                 // a viewer that may open sealed parts
    std::optional<std::string> account{};  // an ingest token for this account alone
    std::optional<std::string> gate{};     // reports this gate and does nothing else
};

struct RevokeToken {
    TokenOrder order{};
    std::string token_id{};
};

struct Token {
    enum class State : std::uint8_t {
        absent,
        active,
        revoked,
        beyond_this_build,  // its stream holds an event that only a newer build understands
    };
    using Command = std::variant<CreateToken, RevokeToken>;

    static State initial() { return State::absent; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections on creating: token_id, unknown_role (role), invalid_name (name, 128),
    /// expires_in_past (expiresAt), account_needs_ingest and invalid_account (account, 200),
    /// invalid_name, gate_needs_ingest and gate_missing (gate), gate_takes_no_account (account),
    /// gate_takes_no_personal (personal), already_created. On revoking: not_found; a revoked token
    /// is accepted with nothing to do. On both: newer_build.
    /// A token with a gate has the role `gate` in the log, whatever narrow role was asked for: a
    /// build that does not know what a gate is knows no such role, and lets it do nothing.
    static Decision<Events> decide(const Command& command, State state);
};

[[nodiscard]] Intent create_token(CreateToken command);
[[nodiscard]] Intent revoke_token(RevokeToken command);

}  // namespace decklog::domain
