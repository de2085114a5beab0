#include "tests/ingest/harbour.hpp"

#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <array>
#include <future>

namespace decklog::ingest::harbour {
namespace {

struct SigningKey {
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
    explicit SigningKey(unsigned char fill) {
        std::array<unsigned char, crypto_sign_SEEDBYTES> seed{};
        seed.fill(fill);
        crypto_sign_seed_keypair(open.data(), secret.data(), seed.data());
    }
};

std::string ed25519_hex(const std::string& message) {
    static const SigningKey kKey(7);
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    crypto_sign_detached(signature.data(), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         kKey.secret.data());
    return domain::to_hex(signature);
}

Stored stored_from(const domain::EventView& event) {
    Stored stored;
    stored.type = event.type_name();
    stored.conversation = event.conversation();
    stored.stream = event.stream();
    stored.actor_type = event.actor_type();
    stored.actor_id = event.actor_id();
    stored.recorded_by = event.recorded_by();
    stored.account = event.account();
    stored.correlation_id = event.correlation_id();
    stored.occurred_at_us = event.occurred_at_us();
    stored.subject = event.subject();
    stored.raw = event.raw();
    stored.payload.assign(event.payload_data(), event.payload_data() + event.payload_size());
    if (event.sealed_size() > 0)
        stored.sealed.assign(event.sealed_data(), event.sealed_data() + event.sealed_size());
    stored.position = event.position();
    return stored;
}

}  // namespace

void Counts::webhook(Platform platform, std::string_view outcome, std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    counts_[{platform, std::string(outcome)}] += count;
}

std::uint64_t Counts::of(Platform platform, const std::string& outcome) const {
    const std::lock_guard lock(mutex_);
    const auto row = counts_.find({platform, outcome});
    return row == counts_.end() ? 0 : row->second;
}

std::uint64_t Counts::of(const std::string& outcome) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t sum = 0;
    for (const auto& row : counts_) sum += row.first.second == outcome ? row.second : 0;
    return sum;
}

std::string hmac_hex(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
    return domain::to_hex(digest.data(), length);
}

std::string discord_public_key(unsigned char seed) { return domain::to_hex(SigningKey(seed).open); }

std::vector<Account> default_accounts() {
    std::vector<Account> accounts(4);
    accounts[0].platform = Platform::telegram;
    accounts[0].secrets = {std::string(kTelegramSecret)};
    accounts[1].platform = Platform::discord;
    accounts[1].secrets = {discord_public_key()};
    accounts[2].platform = Platform::whatsapp;
    accounts[2].secrets = {std::string(kWhatsAppSecret)};
    accounts[2].verify_tokens = {"verify-me"};
    accounts[3].platform = Platform::slack;
    accounts[3].secrets = {std::string(kSlackSecret)};
    return accounts;
}

Delivery signed_delivery(Platform platform, std::string body, std::int64_t now_us,
                         const std::string& content_type) {
    Delivery delivery{.platform = platform, .body = std::move(body)};
    delivery.headers["content-type"] = content_type;
    const std::string time = std::to_string(now_us / 1'000'000);
    switch (platform) {
        case Platform::telegram:
            delivery.headers["x-telegram-bot-api-secret-token"] = kTelegramSecret;
            break;
        case Platform::discord:
            delivery.headers["x-signature-timestamp"] = time;
            delivery.headers["x-signature-ed25519"] = ed25519_hex(time + delivery.body);
            break;
        case Platform::whatsapp:
            delivery.headers["x-hub-signature-256"] =
                "sha256=" + hmac_hex(kWhatsAppSecret, delivery.body);
            break;
        case Platform::slack:
            delivery.headers["x-slack-request-timestamp"] = time;
            delivery.headers["x-slack-signature"] =
                "v0=" + hmac_hex(kSlackSecret, "v0:" + time + ":" + delivery.body);
            break;
    }
    return delivery;
}

Harbour::Harbour(std::vector<Account> accounts, std::int64_t now_us)
    : vault(store::make_memory_vault(nullptr)), accounts_(std::move(accounts)) {
    clock.set_us(now_us);
    store::LedgerOptions options;
    options.clock = &clock;
    ledger = store::make_memory_ledger(options);
    open_path();
}

void Harbour::open_path() {
    Inbound::Options options;
    options.accounts = accounts_;
    options.ledger = ledger.get();
    options.vault = vault.get();
    options.clock = &clock;
    options.observer = &counts;
    inbound = Inbound::create(std::move(options));
}

void Harbour::use_vault(std::unique_ptr<store::Vault> other) {
    inbound.reset();
    vault = std::move(other);
    open_path();
}

HookAnswer Harbour::post(const Delivery& delivery) {
    HookRequest request;
    request.is_get = delivery.is_get;
    request.platform = delivery.platform;
    request.account = delivery.account;
    request.body = delivery.body;
    request.trace.bytes.fill(0x42);
    request.header = [&](std::string_view name) -> std::string_view {
        const auto header = delivery.headers.find(std::string(name));
        return header == delivery.headers.end() ? std::string_view{} : header->second;
    };
    request.query = [&](std::string_view name) -> std::optional<std::string> {
        const auto parameter = delivery.query.find(std::string(name));
        if (parameter == delivery.query.end()) return std::nullopt;
        return parameter->second;
    };
    std::promise<HookAnswer> answer;
    inbound->receive(request, [&](HookAnswer given) { answer.set_value(std::move(given)); });
    return answer.get_future().get();
}

std::vector<Stored> Harbour::stored() const {
    std::vector<Stored> events;
    const auto read = ledger->read({0, 0}, [&](const store::FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const domain::EventView event = frame->event(i);
            if (domain::family_of(event.type()) == domain::Family::chat)
                events.push_back(stored_from(event));
        }
        return true;
    });
    EXPECT_TRUE(read.has_value());
    return events;
}

Stored Harbour::last() const {
    auto events = stored();
    EXPECT_FALSE(events.empty());
    return events.empty() ? Stored{} : std::move(events.back());
}

fb::PersonalT Harbour::personal(const Stored& event) const {
    const auto opened = vault->open(event.sealed);
    EXPECT_TRUE(opened.has_value());
    const auto* bytes = opened ? std::get_if<domain::Bytes>(&*opened) : nullptr;
    auto personal = bytes == nullptr ? std::nullopt : domain::decode_payload<fb::Personal>(*bytes);
    EXPECT_TRUE(personal.has_value());
    return personal ? std::move(*personal) : fb::PersonalT{};
}

std::string Harbour::native(const Stored& event, const std::string& kind) const {
    for (const auto& id : personal(event).native_ids) {
        if (id->kind == kind) return id->value;
    }
    return {};
}

std::string Harbour::raw_body(const Stored& event) const {
    if (!event.raw) return {};
    const auto sealed = ledger->raw_body(*event.raw);
    EXPECT_TRUE(sealed.has_value());
    const auto opened =
        sealed ? vault->open_raw(*sealed) : domain::Result<store::Opened>(store::Erased{});
    EXPECT_TRUE(opened.has_value());
    const auto* bytes = opened ? std::get_if<domain::Bytes>(&*opened) : nullptr;
    EXPECT_NE(bytes, nullptr);
    return bytes == nullptr ? std::string{} : std::string(bytes->begin(), bytes->end());
}

std::string Harbour::log_bytes() const {
    std::string all;
    const auto read = ledger->read({0, 0}, [&](const store::FramePtr& frame) {
        all.append(reinterpret_cast<const char*>(frame->bytes().data()), frame->bytes().size());
        return true;
    });
    EXPECT_TRUE(read.has_value());
    return all;
}

}  // namespace decklog::ingest::harbour
