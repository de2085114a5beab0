#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <chrono>

#include "domain/ids.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::e2e {
namespace {

std::string hmac_hex(const std::string& key, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &length);
    return domain::to_hex(digest.data(), length);
}

struct DiscordKey {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    DiscordKey() {
        std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
        seed.fill(0x5D);
        crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    }
};

const DiscordKey& discord_key() {
    static const DiscordKey kKey;
    return kKey;
}

}  // namespace

Headers telegram_headers() {
    return {{"X-Telegram-Bot-Api-Secret-Token", hook_secrets().at("TELEGRAM_WEBHOOK_SECRET")}};
}

Headers whatsapp_headers(std::string_view body) {
    return {{"X-Hub-Signature-256",
             "sha256=" + hmac_hex(hook_secrets().at("WHATSAPP_APP_SECRET"), body)}};
}

Headers slack_headers(std::string_view body, std::int64_t now_s, std::string_view content_type) {
    const std::string time = std::to_string(now_s);
    return {{"X-Slack-Request-Timestamp", time},
            {"X-Slack-Signature", "v0=" + hmac_hex(hook_secrets().at("SLACK_SIGNING_SECRET"),
                                                   "v0:" + time + ":" + std::string(body))},
            {"Content-Type", std::string(content_type)}};
}

Headers discord_headers(std::string_view body, std::int64_t now_s) {
    const std::string time = std::to_string(now_s);
    const std::string message = time + std::string(body);
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         discord_key().secret.data());
    return {{"X-Signature-Timestamp", time}, {"X-Signature-Ed25519", domain::to_hex(signature)}};
}

std::string discord_public_key_of_the_tests() { return domain::to_hex(discord_key().open); }

std::int64_t now_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace decklog::e2e
