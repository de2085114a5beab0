#include "domain/token/token.hpp"

#include <utility>

#include "domain/check.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<Token>);

constexpr std::size_t kTokenIdBytesMax = 64;

/// Tokens are written `dlk_<id>_<secret>`, so an id holds no underscore.
bool is_token_id(std::string_view id) {
    return !id.empty() && id.size() <= kTokenIdBytesMax &&
           id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
               std::string_view::npos;
}

/// Housekeeping counts in the audit views: platform `decklog`, who did it, no conversation.
NewEvent audited(EventType type, const TokenOrder& order, std::string_view token_id,
                 Bytes payload) {
    DECKLOG_CHECK(!order.actor.type.empty() && !order.actor.id.empty() &&
                  !order.recorded_by.empty());
    NewEvent event;
    event.type = type;
    event.workspace = order.workspace;
    event.stream = token_stream(token_id);
    event.occurred_at_us = order.now_us;
    event.actor = order.actor;
    event.recorded_by = order.recorded_by;
    event.platform = "decklog";
    event.trace_id = order.trace_id;
    event.payload = std::move(payload);
    return event;
}

std::optional<Rejection> refusal_of_account(const CreateToken& command) {
    if (!command.account) return std::nullopt;
    if (command.role != to_text(TokenRole::ingest)) {
        return Rejection{"account_needs_ingest", "only an ingest token can be bound to one account",
                         "account"};
    }
    if (!is_outside_id(*command.account)) {
        return Rejection{"invalid_account",
                         "an account is 1-200 bytes of UTF-8 without control characters", "account",
                         static_cast<std::int64_t>(limits::kOutsideIdBytesMax)};
    }
    return std::nullopt;
}

Rejection not_a_name(const char* field) {
    return {"invalid_name",
            "a name begins with a letter or digit, then up to 127 more of these and ._:-", field,
            static_cast<std::int64_t>(limits::kNameBytesMax)};
}

/// The roles that are no wider than a gate. No role at all is the usual way to ask.
bool may_stand_with_gate(const std::string& role) {
    return role.empty() || role == to_text(TokenRole::gate) || role == to_text(TokenRole::ingest) ||
           role == to_text(TokenRole::operator_);
}

std::optional<Rejection> refusal_of_gate(const CreateToken& command) {
    if (!command.gate) {
        if (command.role != to_text(TokenRole::gate)) return std::nullopt;
        return Rejection{"gate_missing", "a token of this role names its gate", "gate"};
    }
    if (!is_name(*command.gate)) return not_a_name("gate");
    if (!may_stand_with_gate(command.role)) {
        return Rejection{"gate_needs_ingest",
                         "a token for one gate does nothing else; leave its role out", "gate"};
    }
    if (command.account) {
        return Rejection{"gate_takes_no_account", "a token is for one gate or for one account",
                         "account"};
    }
    if (!command.personal) return std::nullopt;
    return Rejection{"gate_takes_no_personal",
                     "a token for one gate reads nothing; leave personal out", "personal"};
}

std::optional<Rejection> refusal_of(const CreateToken& command) {
    if (!is_token_id(command.token_id)) {
        return Rejection{"token_id", "a token id is 1-64 letters and digits", "id",
                         static_cast<std::int64_t>(kTokenIdBytesMax)};
    }
    const bool is_left_out = command.gate && command.role.empty();
    if (!is_left_out && !token_role_from_text(command.role)) {
        return Rejection{"unknown_role", "the role is viewer, operator, ingest or admin", "role"};
    }
    if (!is_name(command.name)) return not_a_name("name");
    if (command.expires_at_us && *command.expires_at_us <= command.order.now_us) {
        return Rejection{"expires_in_past", "a new token must expire in the future", "expiresAt"};
    }
    if (auto refusal = refusal_of_gate(command)) return refusal;
    return refusal_of_account(command);
}

Events created(const CreateToken& command) {
    fb::TokenCreatedT payload;
    payload.token_id = command.token_id;
    payload.role = command.gate ? std::string(to_text(TokenRole::gate)) : command.role;
    payload.name = command.name;
    payload.hash.assign(command.hash.begin(), command.hash.end());
    payload.expires_at = command.expires_at_us.value_or(0);
    payload.personal = command.personal;
    payload.account = command.account.value_or("");
    payload.gate = command.gate.value_or("");
    return {audited(EventType::token_created, command.order, command.token_id,
                    encode_payload(payload))};
}

Events revoked(const RevokeToken& command) {
    fb::TokenRevokedT payload;
    payload.token_id = command.token_id;
    return {audited(EventType::token_revoked, command.order, command.token_id,
                    encode_payload(payload))};
}

tl::unexpected<Rejection> newer_build() {
    return reject("newer_build", "a newer release wrote to this token; use that release");
}

Decision<Events> decide_on(const CreateToken& command, Token::State state) {
    if (auto refusal = refusal_of(command)) return tl::unexpected(std::move(*refusal));
    switch (state) {
        case Token::State::absent:
            return created(command);
        case Token::State::active:
        case Token::State::revoked:
            return reject("already_created", "a token with this id was made before", "id");
        case Token::State::beyond_this_build:
            return newer_build();
    }
    return newer_build();
}

Decision<Events> decide_on(const RevokeToken& command, Token::State state) {
    switch (state) {
        case Token::State::absent:
            return reject("not_found", "no token has this id; list the tokens", "id");
        case Token::State::active:
            return revoked(command);
        case Token::State::revoked:
            return Events{};
        case Token::State::beyond_this_build:
            return newer_build();
    }
    return newer_build();
}

Intent bound(std::string name, const TokenOrder& order, std::string_view token_id,
             Token::Command command) {
    return intent<Token>(std::move(name), StreamRef{order.workspace, token_stream(token_id)},
                         std::move(command));
}

}  // namespace

Token::State Token::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (state == State::beyond_this_build || info == nullptr ||
        event.schema_version() > info->schema_version) {
        return State::beyond_this_build;
    }
    if (info->type == EventType::token_created) return State::active;
    if (info->type == EventType::token_revoked) return State::revoked;
    return state;
}

std::vector<StreamRef> Token::reads(const Command& command) {
    return std::visit(
        [](const auto& c) {
            return std::vector{StreamRef{c.order.workspace, token_stream(c.token_id)}};
        },
        command);
}

Decision<Events> Token::decide(const Command& command, State state) {
    return std::visit([state](const auto& c) { return decide_on(c, state); }, command);
}

Intent create_token(CreateToken command) {
    const TokenOrder order = command.order;
    const std::string id = command.token_id;
    return bound("create_token", order, id, std::move(command));
}

Intent revoke_token(RevokeToken command) {
    const TokenOrder order = command.order;
    const std::string id = command.token_id;
    return bound("revoke_token", order, id, std::move(command));
}

}  // namespace decklog::domain
