#include "ingest/telegram/verify.hpp"

#include "ingest/signature.hpp"

namespace decklog::ingest::telegram {
namespace {

// Digests have one length, so a comparison of them does not tell the length of the secret either.
constexpr std::string_view kComparison = "decklog-telegram-secret";
Sha256 digest(std::string_view text) { return hmac_sha256(kComparison, std::span(&text, 1)); }

}  // namespace

Verification verify(const HookRequest& request, std::span<const std::string> secrets) {
    const std::string_view given = request.header("x-telegram-bot-api-secret-token");
    if (given.empty()) return {.refusal = "missing_signature"};
    const Sha256 given_digest = digest(given);
    Verification verification{.refusal = "bad_signature"};
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        if (equal_in_constant_time(given_digest, digest(secrets[i])))
            verification = {.refusal = {}, .secret = i};
    }
    return verification;
}

}  // namespace decklog::ingest::telegram
