#include "tools/sample_traffic/sender.hpp"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>

#include "domain/ids.hpp"

namespace decklog::sample {
namespace {

std::string hmac_sha256_hex(std::string_view key, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &length);
    return domain::to_hex(digest.data(), length);
}

struct SigningKey {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key{};
};

bool key_from_seed(std::string_view seed_hex, SigningKey& key) {
    std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
    std::size_t length = 0;
    if (sodium_hex2bin(seed.data(), seed.size(), seed_hex.data(), seed_hex.size(), nullptr, &length,
                       nullptr) != 0 ||
        length != seed.size()) {
        return false;
    }
    return crypto_sign_seed_keypair(key.public_key.data(), key.secret_key.data(), seed.data()) == 0;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

struct Sender::Connection {
    CURL* curl = curl_easy_init();
    std::string url;
};

std::string discord_public_key(std::string_view seed_hex) {
    SigningKey key;
    return key_from_seed(seed_hex, key) ? domain::to_hex(key.public_key) : std::string();
}

Sender::Sender(std::string url, Secrets secrets)
    : secrets_(std::move(secrets)), connection_(std::make_unique<Connection>()) {
    connection_->url = std::move(url);
}

Sender::~Sender() { curl_easy_cleanup(connection_->curl); }

long Sender::telegram(const std::string& body) {
    return post("/hooks/telegram", body, "X-Telegram-Bot-Api-Secret-Token: " + secrets_.telegram);
}

long Sender::whatsapp(const std::string& body) {
    return post("/hooks/whatsapp", body,
                "X-Hub-Signature-256: sha256=" + hmac_sha256_hex(secrets_.whatsapp, body));
}

long Sender::slack(const std::string& body, std::int64_t now_s) {
    const std::string time = std::to_string(now_s);
    const std::string signature = hmac_sha256_hex(secrets_.slack, "v0:" + time + ":" + body);
    return post("/hooks/slack", body,
                "X-Slack-Request-Timestamp: " + time + "\nX-Slack-Signature: v0=" + signature);
}

long Sender::discord(const std::string& body, std::int64_t now_s) {
    SigningKey key;
    if (!key_from_seed(secrets_.discord_seed, key)) return 0;
    const std::string time = std::to_string(now_s);
    const std::string message = time + body;
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         key.secret_key.data());
    return post(
        "/hooks/discord", body,
        "X-Signature-Timestamp: " + time + "\nX-Signature-Ed25519: " + domain::to_hex(signature));
}

long Sender::audit(const std::string& body) {
    return post("/api/audit", body, "Authorization: Bearer " + secrets_.api_token);
}

long Sender::post(const std::string& path, const std::string& body, const std::string& headers) {
    CURL* curl = connection_->curl;
    curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
    for (std::size_t begin = 0; begin < headers.size();) {
        const std::size_t end = std::min(headers.find('\n', begin), headers.size());
        list = curl_slist_append(list, headers.substr(begin, end - begin).c_str());
        begin = end + 1;
    }
    const std::string url = connection_->url + path;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &discard);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    const CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(list);
    long status = 0;
    if (code == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

}  // namespace decklog::sample
