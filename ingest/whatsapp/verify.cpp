#include "ingest/whatsapp/verify.hpp"

#include <algorithm>

#include "ingest/limits.hpp"
#include "ingest/signature.hpp"
#include "ingest/unicode.hpp"

namespace decklog::ingest::whatsapp {
namespace {

constexpr std::string_view kPrefix = "sha256=";

Verification check(std::span<const std::uint8_t> mac, std::string_view body,
                   std::span<const std::string> app_secrets) {
    Verification verification{.refusal = "bad_signature"};
    for (std::size_t i = 0; i < app_secrets.size(); ++i) {
        const Sha256 expected = hmac_sha256(app_secrets[i], std::span(&body, 1));
        if (equal_in_constant_time(mac, expected)) verification = {.refusal = {}, .secret = i};
    }
    return verification;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append_escape(std::string& text, std::uint32_t code_unit) {
    static constexpr char kDigits[] = "0123456789abcdef";
    text += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) text += kDigits[(code_unit >> shift) & 0xFU];
}

}  // namespace

std::string escaped_form(std::string_view body) {
    std::string escaped;
    escaped.reserve(body.size() + body.size() / 4);
    for (std::size_t at = 0; at < body.size();) {
        const CodePoint point = code_point_at(body, at);
        at += point.bytes;
        if (point.value < 0x80) {
            escaped += static_cast<char>(point.value);
        } else if (point.value < 0x10000) {
            append_escape(escaped, point.value);
        } else {
            append_escape(escaped, 0xD800 + ((point.value - 0x10000) >> 10U));
            append_escape(escaped, 0xDC00 + ((point.value - 0x10000) & 0x3FFU));
        }
    }
    return escaped;
}

Verification verify(const HookRequest& request, std::span<const std::string> app_secrets) {
    const std::string_view header = request.header("x-hub-signature-256");
    if (header.empty()) return {.refusal = "missing_signature"};
    if (!header.starts_with(kPrefix)) return {.refusal = "bad_signature"};
    const auto mac = bytes_from_hex(header.substr(kPrefix.size()));
    if (!mac) return {.refusal = "bad_signature"};
    const Verification as_received = check(*mac, request.body, app_secrets);
    if (as_received.refusal.empty() || is_ascii(request.body)) return as_received;
    return check(*mac, escaped_form(request.body), app_secrets);
}

HookAnswer answer_handshake(const HookRequest& request, const Account& account) {
    const std::string token = request.query("hub.verify_token").value_or("");
    const std::string challenge = request.query("hub.challenge").value_or("");
    bool token_fits = false;
    for (const std::string& live : account.verify_tokens) {
        token_fits |= !live.empty() &&
                      equal_in_constant_time(std::string_view(token), std::string_view(live));
    }
    if (!token_fits || request.query("hub.mode") != "subscribe") {
        return HookAnswer{.status = 403, .error_code = "bad_verify_token"};
    }
    if (challenge.empty() || challenge.size() > limits::kChallengeBytesMax) {
        return HookAnswer{.status = 400, .error_code = "bad_challenge"};
    }
    return HookAnswer{.status = 200, .content_type = "text/plain", .body = challenge};
}

}  // namespace decklog::ingest::whatsapp
