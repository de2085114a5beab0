#include "ingest/slack/verify.hpp"

#include "ingest/signature.hpp"

namespace decklog::ingest::slack {
Verification verify(const HookRequest& request, std::span<const std::string> signing_secrets,
                    std::int64_t now_us) {
    const std::string_view header = request.header("x-slack-signature");
    const std::string_view timestamp = request.header("x-slack-request-timestamp");
    if (header.empty() || timestamp.empty()) return {.refusal = "missing_signature"};

    Verification verification{.refusal = "bad_signature"};
    const auto signed_at_us = timestamp_us(timestamp);
    if (!signed_at_us || !header.starts_with("v0=")) return verification;
    const auto mac = bytes_from_hex(header.substr(3));
    if (!mac) return verification;
    const std::string_view parts[] = {"v0:", timestamp, ":", request.body};
    for (std::size_t i = 0; i < signing_secrets.size(); ++i) {
        const Sha256 expected = hmac_sha256(signing_secrets[i], parts);
        if (equal_in_constant_time(*mac, expected))
            verification = {.refusal = {}, .secret = i, .signed_at_us = signed_at_us};
    }
    if (verification.refusal.empty() && !is_fresh(*signed_at_us, now_us))
        return {.refusal = "stale_timestamp"};
    return verification;
}

}  // namespace decklog::ingest::slack
