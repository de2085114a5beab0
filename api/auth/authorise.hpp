// Who asks, and may they: the bearer token or, on GET alone, the session cookie, or where a route
// takes it the password of Basic authentication; then the table of roles (contract, "Who may do
// what"). Runs before a body is read. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/auth/token_book.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// The roles that may use a route; empty: anyone.
[[nodiscard]] std::span<const Role> roles_for(Access access);

/// The token a request carries: `Authorization: Bearer`, else on GET the cookie `decklog_session`;
/// empty: none. A cookie counts only there, so that no form on another site can change anything.
/// `takes_basic`: also the password of `Authorization: Basic`, which is what becomes of a token
/// that a program was given inside an address, since its HTTP client sends no other header. Never a
/// default: browsers keep such a password and send it by themselves.
[[nodiscard]] std::string token_of(const Request& request, bool takes_basic = false);

/// 401 or 403 with the bodies that the runbooks' services answer.
[[nodiscard]] Answer unauthorized_answer();
[[nodiscard]] Answer forbidden_answer(Access access, Role current, std::string_view message = {});
/// 403 to a token of one gate that reports another.
[[nodiscard]] Answer other_gate_answer(const Principal& principal);

/// May `principal` use a route of this access? The refusal is an answer ready to send.
[[nodiscard]] tl::expected<void, Answer> permit(Access access, const Principal& principal);

/// Authenticates and permits. On open routes a token that does not hold is as good as none, and so
/// is one that may only report a gate: those routes tell more to whoever has a token.
[[nodiscard]] tl::expected<Principal, Answer> authorise(Access access, const Request& request,
                                                        const TokenBook& tokens,
                                                        bool takes_basic = false);

}  // namespace decklog::api
