// Signatures: what verifies, what does not, and what is said about it. Expected values come from
// other implementations (RFC 4231, Python's hmac, a request that Discord itself signed), not from
// the code under test.
#include "ingest/signature.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "ingest/whatsapp/verify.hpp"
#include "tests/ingest/fixtures.hpp"
#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::signature_test {

using harbour::Delivery;
using harbour::Harbour;

constexpr std::string_view kUpdate = R"({"update_id":1,"poll":{"id":"5"}})";

Account account_of(Platform platform, std::vector<std::string> secrets,
                   std::string id = "default") {
    Account account;
    account.platform = platform;
    account.id = std::move(id);
    account.secrets = std::move(secrets);
    return account;
}

TEST(Hmac, AgreesWithRfc4231) {
    const std::string_view parts[] = {"what do ya want", " for nothing?"};
    EXPECT_EQ(domain::to_hex(hmac_sha256("Jefe", parts)),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Hmac, ComparisonTellsLengthsAndBytesApart) {
    EXPECT_TRUE(equal_in_constant_time(std::string_view("abc"), std::string_view("abc")));
    EXPECT_FALSE(equal_in_constant_time(std::string_view("abc"), std::string_view("abd")));
    EXPECT_FALSE(equal_in_constant_time(std::string_view("abc"), std::string_view("abcd")));
}

TEST(Hmac, HexIsWholeAndNothingElse) {
    EXPECT_EQ(bytes_from_hex("0aFF"), (std::vector<std::uint8_t>{0x0A, 0xFF}));
    for (const std::string_view bad : {"", "a", "zz", "0a ", "0a0"})
        EXPECT_FALSE(bytes_from_hex(bad)) << bad;
}

TEST(TelegramSignature, EitherSecretOpensDuringRotation) {
    Harbour harbour({account_of(Platform::telegram, {"old-secret", "new-secret"})});
    Delivery delivery{.platform = Platform::telegram, .body = std::string(kUpdate)};
    for (const char* secret : {"old-secret", "new-secret"}) {
        delivery.headers["x-telegram-bot-api-secret-token"] = secret;
        EXPECT_EQ(harbour.post(delivery).status, 200) << secret;
    }
    delivery.headers["x-telegram-bot-api-secret-token"] = "other-secret";
    const HookAnswer answer = harbour.post(delivery);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.error_code, "bad_signature");
    EXPECT_EQ(harbour.counts.of(Platform::telegram, "bad_signature"), 1U);
    EXPECT_EQ(harbour.stored().size(), 1U);
}

TEST(WhatsAppSignature, TakesTheBytesAsReceivedAndTheEscapedForm) {
    const std::string body =
        R"({"object":"whatsapp_business_account","entry":[],"note":"Lucía 👍"})";
    Harbour harbour({account_of(Platform::whatsapp, {"app-secret-0", "app-secret-1"})});
    for (const char* mac : {"50b7df6f2acb40639b464caef589ec7f604816afa88ebc112121c90a6a62c732",
                            "851fb137cb3e31fa182fa24b4ade2f6a01b52d16b223c17f9382883965655a64"}) {
        Delivery delivery{.platform = Platform::whatsapp, .body = body};
        delivery.headers["x-hub-signature-256"] = "sha256=" + std::string(mac);
        EXPECT_EQ(harbour.post(delivery).status, 200) << mac;
        delivery.body += " ";
        EXPECT_EQ(harbour.post(delivery).error_code, "bad_signature") << mac;
    }
}

TEST(WhatsAppSignature, EscapesAsMetaDocuments) {
    EXPECT_EQ(whatsapp::escaped_form("Lucía 👍 \"x\""), R"(Luc\u00eda \ud83d\udc4d "x")");
}

TEST(SlackSignature, IsHmacOverVersionTimeAndBody) {
    Harbour harbour({account_of(Platform::slack, {"signing-secret-1"})});
    harbour.clock.set_us(1'764'090'000'000'000);
    Delivery delivery{.platform = Platform::slack,
                      .body = R"({"type":"url_verification","challenge":"c-123"})"};
    delivery.headers["x-slack-request-timestamp"] = "1764090000";
    delivery.headers["x-slack-signature"] =
        "v0=47354cfeac0c3acf9e57fce158869afc8dab3cce092803e153ca96288094cb81";
    const HookAnswer answer = harbour.post(delivery);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"challenge":"c-123"})");
    EXPECT_EQ(answer.content_type, "application/json");
    EXPECT_TRUE(harbour.stored().empty());

    harbour.clock.pass_us(300'000'000);
    EXPECT_EQ(harbour.post(delivery).status, 200);
    harbour.clock.pass_us(1);
    EXPECT_EQ(harbour.post(delivery).error_code, "stale_timestamp");
    harbour.clock.set_us(1'764'090'000'000'000 - 300'000'001);
    EXPECT_EQ(harbour.post(delivery).error_code, "stale_timestamp");
}

TEST(DiscordSignature, TheRecordedRequestVerifiesAtItsTimeAndItsTwinNever) {
    DECKLOG_NEEDS_FIXTURES();
    const auto recorded = boost::json::parse(fixtures::file("discord/signed_interactions.json"));
    const auto text = [&](const char* which, const char* key) {
        return std::string(recorded.at(which).at(key).as_string());
    };
    const auto delivery_of = [&](const char* which) {
        Delivery delivery{.platform = Platform::discord, .body = text(which, "body")};
        delivery.headers["x-signature-timestamp"] = text(which, "timestamp");
        delivery.headers["x-signature-ed25519"] = text(which, "signature_hex");
        return delivery;
    };
    const std::string key(recorded.at("public_key_hex").as_string());
    const std::vector<Account> accounts{
        account_of(Platform::discord, {harbour::discord_public_key(9), key})};
    Harbour now(accounts);
    const HookAnswer today = now.post(delivery_of("valid"));
    EXPECT_EQ(today.status, 401);
    EXPECT_EQ(today.error_code, "stale_timestamp");

    Harbour harbour(accounts, std::stoll(text("valid", "timestamp")) * 1'000'000);
    const HookAnswer then = harbour.post(delivery_of("valid"));
    EXPECT_EQ(then.status, 200);
    EXPECT_EQ(harbour.last().type, "CommandReceived");
    const HookAnswer twin = harbour.post(delivery_of("invalid"));
    EXPECT_EQ(twin.status, 401);
    EXPECT_EQ(twin.error_code, "bad_signature");
    Harbour twins_time(accounts, std::stoll(text("invalid", "timestamp")) * 1'000'000);
    EXPECT_EQ(twins_time.post(delivery_of("invalid")).error_code, "bad_signature");
}

TEST(AnySignature, MissingHeadersAre401AndStoreNothing) {
    Harbour harbour;
    for (const Platform platform :
         {Platform::telegram, Platform::discord, Platform::whatsapp, Platform::slack}) {
        const HookAnswer answer =
            harbour.post(Delivery{.platform = platform, .body = std::string(kUpdate)});
        EXPECT_EQ(answer.status, 401) << to_text(platform);
        EXPECT_EQ(answer.error_code, "missing_signature") << to_text(platform);
    }
    EXPECT_TRUE(harbour.stored().empty());
}

TEST(AnySignature, OneChangedByteOfTheBodyIs401) {
    Harbour harbour;
    for (const Platform platform : {Platform::discord, Platform::whatsapp, Platform::slack}) {
        Delivery delivery =
            harbour::signed_delivery(platform, std::string(kUpdate), harbour.clock.now_us());
        delivery.body[2] = 'U';
        EXPECT_EQ(harbour.post(delivery).error_code, "bad_signature") << to_text(platform);
    }
    EXPECT_TRUE(harbour.stored().empty());
}

TEST(AnySignature, GarbledHeadersAre401) {
    Harbour harbour;
    for (const char* garbled : {"v0=", "sha256=", "xyz", "v0=zz", "sha256=zz", "sha1=00", "00"}) {
        for (const Platform platform : {Platform::discord, Platform::whatsapp, Platform::slack}) {
            Delivery delivery =
                harbour::signed_delivery(platform, std::string(kUpdate), harbour.clock.now_us());
            for (auto& header : delivery.headers) {
                if (header.first.find("signature-") != std::string::npos ||
                    header.first == "x-slack-signature") {
                    if (header.first != "x-signature-timestamp") header.second = garbled;
                }
            }
            EXPECT_EQ(harbour.post(delivery).status, 401) << garbled << to_text(platform);
        }
    }
    for (const char* time : {"-5", "1e9", "99999999999999999999", "12 "}) {
        Delivery delivery =
            harbour::signed_delivery(Platform::slack, std::string(kUpdate), harbour.clock.now_us());
        delivery.headers["x-slack-request-timestamp"] = time;
        EXPECT_EQ(harbour.post(delivery).error_code, "bad_signature") << time;
    }
}

}  // namespace decklog::ingest::signature_test
