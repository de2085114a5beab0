// What one platform brings to the one path: how its bodies are signed, what items they hold, how it
// wants to be answered. Adapters keep no state and do no I/O; one object each, shared by all
// threads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"
#include "ingest/chat_command.hpp"
#include "ingest/inbound.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest {

/// What became of a signature: which of the account's secrets made it, or why not.
struct Verification {
    std::string_view refusal{};  // bad_signature, missing_signature, stale_timestamp; empty: good
    std::size_t secret = 0;      // index of the secret that fits
    /// When the platform signed it; absent: it does not say.
    std::optional<std::int64_t> signed_at_us{};
};

/// A body whose signature is good.
struct SignedBody {
    std::string_view bytes;
    std::string_view content_type;
    std::string_view account;
};

/// One body, read.
struct Reading {
    std::vector<Item> items;
    /// The platform's own ids of the accounts that the body says it is for.
    std::vector<std::string> native_accounts{};
    /// The answer once the items are durable, given the cursor of the first; absent: 200 with an
    /// empty body.
    std::function<HookAnswer(std::string_view cursor)> answer{};
    /// A command that may be answered in words: of a body that is nothing else.
    std::optional<CommandAsked> command{};
    /// A handshake: answered at once, nothing is stored.
    std::optional<HookAnswer> handshake{};
};

class Adapter {
  public:
    virtual ~Adapter() = default;
    /// Over the raw bytes, before anything is parsed; in constant time, every secret tried.
    [[nodiscard]] virtual Verification verify(const HookRequest& request,
                                              std::span<const std::string> secrets,
                                              std::int64_t now_us) const = 0;
    /// Rejections: the body is not what the platform's own framing promises (`invalid_json`, …).
    /// What is merely unknown is an item of kind Unrecognised. Never empty unless it is a
    /// handshake.
    [[nodiscard]] virtual domain::Decision<Reading> read(const SignedBody& body) const = 0;
    /// Values that whoever holds them may act with; blanked before the body is stored.
    [[nodiscard]] virtual std::span<const std::string_view> bearer_fields() const { return {}; }
    /// Does `account`, as an operator named it, look like one of the platform's own account ids?
    [[nodiscard]] virtual bool is_native_account(std::string_view /*account*/) const {
        return false;
    }
    /// GET; only WhatsApp has one.
    [[nodiscard]] virtual HookAnswer answer_get(const HookRequest&, const Account&) const {
        return HookAnswer{.status = 405, .error_code = "method_not_allowed"};
    }
};

[[nodiscard]] const Adapter& adapter_of(Platform platform);

/// A body that says nothing an adapter knows, as one item.
[[nodiscard]] Item unrecognised_body(std::string_view bytes, std::string field,
                                     std::string dedupe_prefix);

}  // namespace decklog::ingest
