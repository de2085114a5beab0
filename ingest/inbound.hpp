// The one path every webhook takes: verify the raw bytes, normalise into items, seal what names
// people, one submission per item, one group commit, then the platform's answer. Adapters
// (telegram/, discord/, whatsapp/, slack/) verify and normalise; nothing platform-specific is known
// here. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/clock.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::ingest {

enum class Platform : std::uint8_t { telegram, discord, whatsapp, slack };
[[nodiscard]] std::string_view to_text(Platform platform);
[[nodiscard]] std::optional<Platform> platform_from_text(std::string_view text);

/// One account of a platform. Secrets live here only; never logged. Two live secrets during
/// rotation.
struct Account {
    Platform platform{};
    std::string id = "default";
    std::string workspace = "default";
    std::vector<std::string>
        secrets;  // webhook secret, hex public key, app secret or signing secret
    std::vector<std::string> verify_tokens;  // WhatsApp handshake
};

struct HookRequest {
    bool is_get = false;
    Platform platform{};
    std::string account = "default";
    /// Header value by lower-case name; empty when absent.
    std::function<std::string_view(std::string_view)> header;
    /// Query parameter, decoded; nullopt when absent.
    std::function<std::optional<std::string>(std::string_view)> query;
    std::string_view body;
    domain::TraceId trace{};
};

struct HookAnswer {
    int status = 200;
    std::string content_type{};
    std::string body{};
    std::string error_code{};  // for metrics and the error body: stale_timestamp, bad_signature, …
    std::optional<int> retry_after_seconds{};
    std::optional<domain::Position> position{};
};
using HookDone = std::function<void(HookAnswer)>;

/// What an endpoint without a secret is called, for /health: platform, variable to set, calls so
/// far.
struct OffEndpoint {
    Platform platform{};
    std::string variable;
    std::uint64_t calls = 0;
};

class InboundObserver {
  public:
    virtual ~InboundObserver() = default;
    /// outcome: accepted, repeated, id_reused, content_differs, unrecognised, too_large,
    /// bad_signature, stale_timestamp, off, …
    virtual void webhook(Platform /*platform*/, std::string_view /*outcome*/,
                         std::uint64_t /*count*/) {}
};

class CommandTaker;  // ingest/chat_command

class Inbound {
  public:
    struct Options {
        std::vector<Account> accounts;
        store::Ledger* ledger = nullptr;
        store::Vault* vault = nullptr;
        store::Clock* clock = nullptr;    // null: store::system_clock()
        store::Random* random = nullptr;  // null: store::system_random()
        InboundObserver* observer = nullptr;
        CommandTaker* commands = nullptr;  // null: commands are recorded and nothing else
        /// Where a workspace lives. May block, the first time that one is named. Empty: all in 0.
        std::function<tl::expected<std::uint32_t, store::Refusal>(std::string_view workspace)>
            partition_of{};
    };
    [[nodiscard]] static std::unique_ptr<Inbound> create(Options options);
    virtual ~Inbound() = default;
    /// Answers exactly once, on the caller's thread (refusals), the writer's (after the fsync) or
    /// that of whoever carried a command out.
    virtual void receive(const HookRequest& request, HookDone done) = 0;
    [[nodiscard]] virtual std::vector<OffEndpoint> off_endpoints() const = 0;
    /// Of an account; `default` of one that nobody configured.
    [[nodiscard]] virtual std::string workspace_of(Platform platform,
                                                   const std::string& account) const = 0;
};

}  // namespace decklog::ingest
