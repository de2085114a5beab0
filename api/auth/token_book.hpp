// Who may come in: the tokens as the log says. Folded from the token events at open and kept
// current by the ledger's durable groups before their answers are released, so a token works when
// its creation is answered and is dead when its revocation is. Kept is only a hash keyed by the
// vault; a ledger copied without its vault accepts none. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

[[nodiscard]] std::string_view to_text(Role role);  // "operator" for operator_; empty for none
[[nodiscard]] std::optional<Role> role_from_text(std::string_view text);

/// What may be shown of a token; never its hash.
struct TokenInfo {
    std::string id;
    Role role = Role::none;
    std::string name;
    std::int64_t created_at_us = 0;
    std::int64_t expires_at_us = 0;  // 0: never
    std::optional<std::int64_t> revoked_at_us;
    bool personal = false;
    std::optional<std::string> account;
    std::optional<std::string> gate;
    domain::Position position;  // of the TokenCreated event
};

class TokenBook {
  public:
    /// Folds the log; then follows it. Ledger, vault and clock outlive the book.
    [[nodiscard]] static domain::Result<std::unique_ptr<TokenBook>> open(store::Ledger& ledger,
                                                                         const store::Vault& vault,
                                                                         const store::Clock& clock);
    ~TokenBook();
    TokenBook(const TokenBook&) = delete;
    TokenBook& operator=(const TokenBook&) = delete;

    /// An admin token that is never an event: DECKLOG_ADMIN_TOKEN ("env-admin"), the one in
    /// server.json ("server").
    void admit(std::string principal_id, std::string_view token);

    /// Nullopt: unknown, malformed, expired or revoked. Compares in constant time.
    [[nodiscard]] std::optional<Principal> authenticate(std::string_view token) const;
    /// What an open stream asks again and again: has its principal been revoked or expired since?
    [[nodiscard]] bool still_valid(const Principal& principal) const;

    [[nodiscard]] std::vector<TokenInfo> list() const;  // in the log's order
    [[nodiscard]] std::optional<TokenInfo> find(std::string_view id) const;
    /// Has an admin token ever been created? If not, this is the first start and makes one. One
    /// that was revoked since counts: a restart must not bring access back.
    [[nodiscard]] bool ever_had_admin() const;

  private:
    struct State;
    explicit TokenBook(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace decklog::api
