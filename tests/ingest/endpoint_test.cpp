// Which account a webhook may come to: off without a secret, one secret an account, and no body
// under another's name.
#include <gtest/gtest.h>

#include <atomic>

#include "store/log.hpp"
#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::endpoint_test {

using harbour::Delivery;
using harbour::Harbour;

Account account_of(Platform platform, std::string id, std::string secret) {
    Account account;
    account.platform = platform;
    account.id = std::move(id);
    account.secrets = {std::move(secret)};
    return account;
}

std::string change_for(const std::string& phone_number_id) {
    return R"({"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":")" +
           phone_number_id +
           R"("},"messages":[{"id":"wamid.1","from":"4915112345678","timestamp":"1749416383","type":"text","text":{"body":"hi"}}]}}]}]})";
}

TEST(OffEndpoint, Answers404CountsItsCallsAndNamesTheVariable) {
    Harbour harbour({account_of(Platform::slack, "default", "set"),
                     account_of(Platform::discord, "default", "")});
    for (int i = 0; i < 3; ++i) {
        Delivery delivery = harbour::signed_delivery(Platform::telegram, R"({"update_id":1})",
                                                     harbour.clock.now_us());
        const HookAnswer answer = harbour.post(delivery);
        EXPECT_EQ(answer.status, 404);
        EXPECT_EQ(answer.error_code, "off");
    }
    std::map<std::string, std::uint64_t> off;
    for (const OffEndpoint& endpoint : harbour.inbound->off_endpoints())
        off[endpoint.variable] = endpoint.calls;
    EXPECT_EQ(off, (std::map<std::string, std::uint64_t>{{"TELEGRAM_WEBHOOK_SECRET", 3},
                                                         {"DISCORD_PUBLIC_KEY", 0},
                                                         {"WHATSAPP_APP_SECRET", 0}}));
    EXPECT_EQ(harbour.counts.of(Platform::telegram, "off"), 3U);
    EXPECT_TRUE(harbour.stored().empty());
}

std::atomic<int>& warnings() {
    static std::atomic<int> count{0};
    return count;
}

TEST(OffEndpoint, IsLoggedAtTheFirstCallAndThenOnceAnHour) {
    Harbour harbour({account_of(Platform::discord, "default", "")});
    const auto call = [&harbour](int times) {
        for (int i = 0; i < times; ++i)
            EXPECT_EQ(harbour.post(Platform::telegram, R"({"update_id":1})").status, 404);
    };
    constexpr std::int64_t kHourUs = 3'600'000'000;
    ::testing::internal::CaptureStderr();
    store::configure_logging(
        "warn", [](std::string_view level) { warnings() += level.starts_with("warn") ? 1 : 0; });
    warnings() = 0;
    call(5);
    EXPECT_EQ(warnings(), 1);
    harbour.clock.pass_us(kHourUs - 1);
    call(5);
    EXPECT_EQ(warnings(), 1);
    harbour.clock.pass_us(1);
    call(5);
    EXPECT_EQ(warnings(), 2);
    store::configure_logging("error", nullptr);
    const std::string told = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(told.find("calls 11; set TELEGRAM_WEBHOOK_SECRET"), std::string::npos) << told;
}

TEST(OffEndpoint, AnEmptySecretIsNoSecret) {
    Harbour harbour({account_of(Platform::whatsapp, "default", "")});
    Delivery delivery{.platform = Platform::whatsapp, .body = "{}"};
    delivery.headers["x-hub-signature-256"] = "sha256=" + harbour::hmac_hex("", "{}");
    EXPECT_EQ(harbour.post(delivery).status, 404);
}

TEST(Accounts, AnUnknownNameIs404) {
    Harbour harbour;
    Delivery delivery =
        harbour::signed_delivery(Platform::telegram, R"({"update_id":1})", harbour.clock.now_us());
    delivery.account = "nobody";
    EXPECT_EQ(harbour.post(delivery).error_code, "unknown_account");
}

TEST(Accounts, EachHasItsOwnSecretAndItsOwnKeys) {
    Harbour harbour({account_of(Platform::telegram, "default", "one"),
                     account_of(Platform::telegram, "second", "two")});
    Delivery delivery{.platform = Platform::telegram,
                      .body = R"({"update_id":1,"poll":{"id":"5"}})"};
    delivery.headers["x-telegram-bot-api-secret-token"] = "one";
    EXPECT_EQ(harbour.post(delivery).status, 200);
    delivery.account = "second";
    EXPECT_EQ(harbour.post(delivery).status, 401);
    delivery.headers["x-telegram-bot-api-secret-token"] = "two";
    EXPECT_EQ(harbour.post(delivery).status, 200);
    EXPECT_EQ(harbour.stored().size(), 2U);
    EXPECT_EQ(harbour.last().recorded_by, "hook:telegram:second");
}

TEST(Accounts, ABodyForAnotherAccountThanTheSecretCoversIs403) {
    Harbour harbour({account_of(Platform::whatsapp, "106540352242922", "first"),
                     account_of(Platform::whatsapp, "206540352242922", "second"),
                     account_of(Platform::whatsapp, "306540352242922", "first")});
    const auto post = [&](const std::string& account, const std::string& secret,
                          const std::string& named) {
        Delivery delivery{.platform = Platform::whatsapp, .body = change_for(named)};
        delivery.account = account;
        delivery.headers["x-hub-signature-256"] =
            "sha256=" + harbour::hmac_hex(secret, delivery.body);
        return harbour.post(delivery);
    };
    EXPECT_EQ(post("106540352242922", "first", "106540352242922").status, 200);
    EXPECT_EQ(post("206540352242922", "second", "106540352242922").error_code, "account_mismatch");
    EXPECT_EQ(post("206540352242922", "second", "999").status, 403);
    EXPECT_EQ(post("306540352242922", "first", "106540352242922").status, 200);
}

TEST(Accounts, TheDefaultAccountTakesWhateverItsSecretSigned) {
    Harbour harbour;
    EXPECT_EQ(harbour.post(Platform::whatsapp, change_for("106540352242922")).status, 200);
    EXPECT_EQ(harbour.last().account, "default");
}

TEST(Handshake, AnswersTheBareChallenge) {
    Harbour harbour;
    Delivery delivery{.platform = Platform::whatsapp, .body = {}};
    delivery.is_get = true;
    delivery.query = {{"hub.mode", "subscribe"},
                      {"hub.verify_token", "verify-me"},
                      {"hub.challenge", "1158201444"}};
    const HookAnswer answer = harbour.post(delivery);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "1158201444");
    EXPECT_EQ(answer.content_type, "text/plain");

    delivery.query["hub.challenge"] = std::string(257, 'x');
    EXPECT_EQ(harbour.post(delivery).status, 400);
    delivery.query["hub.challenge"] = "1";
    delivery.query["hub.mode"] = "unsubscribe";
    EXPECT_EQ(harbour.post(delivery).status, 403);
    delivery.query["hub.mode"] = "subscribe";
    delivery.query["hub.verify_token"] = "verify-you";
    EXPECT_EQ(harbour.post(delivery).status, 403);
    delivery.query.erase("hub.verify_token");
    EXPECT_EQ(harbour.post(delivery).status, 403);
}

TEST(Handshake, NeedsBothSecrets) {
    Account without_token = account_of(Platform::whatsapp, "default", "app");
    Account without_secret = account_of(Platform::whatsapp, "second", "");
    without_secret.verify_tokens = {"verify-me"};
    Harbour harbour({without_token, without_secret});
    Delivery delivery{.platform = Platform::whatsapp, .body = {}};
    delivery.is_get = true;
    delivery.query = {{"hub.mode", "subscribe"}, {"hub.verify_token", ""}, {"hub.challenge", "1"}};
    EXPECT_EQ(harbour.post(delivery).status, 403);
    delivery.account = "second";
    delivery.query["hub.verify_token"] = "verify-me";
    EXPECT_EQ(harbour.post(delivery).status, 404);
}

TEST(Handshake, OtherPlatformsHaveNoGet) {
    Harbour harbour;
    Delivery delivery{.platform = Platform::slack, .body = {}};
    delivery.is_get = true;
    EXPECT_EQ(harbour.post(delivery).status, 405);
}

TEST(Body, MalformedJsonAfterAGoodSignatureIs400) {
    Harbour harbour;
    for (const Platform platform :
         {Platform::telegram, Platform::discord, Platform::whatsapp, Platform::slack}) {
        EXPECT_EQ(harbour.post(platform, "{\"a\":").error_code, "invalid_json")
            << to_text(platform);
        const std::string deep = std::string(40, '[') + std::string(40, ']');
        EXPECT_EQ(harbour.post(platform, deep).error_code, "json_too_deep") << to_text(platform);
    }
    EXPECT_TRUE(harbour.stored().empty());
}

TEST(Body, JsonThatSaysNothingKnownIsStoredAndAnswered200) {
    Harbour harbour;
    for (const Platform platform :
         {Platform::telegram, Platform::discord, Platform::whatsapp, Platform::slack}) {
        for (const char* body : {"[]", "{}", "1", "\"text\"", "null"}) {
            EXPECT_EQ(harbour.post(platform, body).status, 200) << to_text(platform) << body;
        }
    }
    for (const auto& event : harbour.stored()) EXPECT_EQ(event.type, "UnrecognisedReceived");
    EXPECT_EQ(harbour.stored().size(), 20U);
}

TEST(Ledger, ARefusedAppendIs503WithRetryAfter) {
    Harbour harbour;
    harbour.ledger->stop();
    const HookAnswer answer = harbour.post(Platform::telegram, R"({"update_id":1})");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error_code, "stopping");
    EXPECT_TRUE(answer.retry_after_seconds.has_value());
}

}  // namespace decklog::ingest::endpoint_test
