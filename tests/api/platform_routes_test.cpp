// Platform accounts over their routes: created once, changed in part, references only, missing by
// what really happened.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace platform_routes_test {

using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::object;

constexpr const char* kAccounts = "/api/admin/platform-accounts";
constexpr const char* kPolicies = "/api/admin/platform-policies";
constexpr const char* kHealth = "/api/admin/platform-health";
constexpr std::int64_t kHourUs = 3'600'000'000;

class PlatformRoutes : public ::testing::Test {
  protected:
    Answer create(const std::string& platform, const std::string& more = "",
                  const std::string& key = "") {
        Asking asking{.method = Method::post,
                      .target = kAccounts,
                      .body = R"({"platform":")" + platform + R"(","accountName":"Night desk",)" +
                              R"("accountExternalId":")" + platform + R"(-1")" + more + "}"};
        if (!key.empty()) asking.headers.emplace_back("idempotency-key", key);
        return desk_.ask(std::move(asking));
    }
    Answer put(const std::string& id, const std::string& body) {
        return desk_.ask({.method = Method::put, .target = kPolicies + ("/" + id), .body = body});
    }
    std::string created_id(const std::string& platform) {
        const Answer answer = create(platform);
        EXPECT_EQ(answer.status, 201) << answer.body;
        last_ = answer;
        return text_at(object_of(answer), "item", "id");
    }
    void happens(const std::string& action, const std::string& platform) {
        last_ =
            desk_.post("/api/audit", R"({"action":")" + action +
                                         R"(","entityType":"message","entityId":"m","platform":")" +
                                         platform + R"("})");
        EXPECT_EQ(last_.status, 201) << last_.body;
    }
    /// An answer that reflects the last write.
    object asked(const std::string& target) {
        const char sign = target.find('?') == std::string::npos ? '?' : '&';
        const Answer answer =
            desk_.get(target + sign + "wait=" + header_of(last_, "Decklog-Position"));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return object_of(answer);
    }
    void expect_refused(const Answer& answer, int status, const std::string& error,
                        const std::string& field) {
        EXPECT_EQ(answer.status, status) << answer.body;
        const object refusal = object_of(answer);
        EXPECT_EQ(std::string(refusal.at("error").as_string()), error) << answer.body;
        const auto* named = refusal.if_contains("field");
        EXPECT_EQ(named == nullptr ? "" : std::string(named->as_string()), field) << answer.body;
    }

    RouteDesk desk_;
    Answer last_;
};

TEST_F(PlatformRoutes, CreateAnAccountOnce) {
    const Answer answer =
        create("roomies", R"(,"credentials":{"sessionRef":"env:ROOMIES_RPA_SESSION"})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    const object item = object_of(answer).at("item").as_object();
    EXPECT_TRUE(std::string(item.at("id").as_string()).starts_with("roomies-"));
    EXPECT_EQ(item.at("platform"), "roomies");
    EXPECT_EQ(item.at("accountName"), "Night desk");
    EXPECT_EQ(item.at("isActive"), true);
    EXPECT_EQ(item.at("integrationMode"), "rpa");
    EXPECT_EQ(item.at("sendMode"), "draft_only");
    EXPECT_TRUE(item.at("sendModeOverride").is_null());
    EXPECT_EQ(item.at("globalDefaultSendMode"), "draft_only");
    EXPECT_EQ(item.at("credentials").at("sessionRef"), "env:ROOMIES_RPA_SESSION");
    EXPECT_TRUE(std::string(item.at("createdAt").as_string()).starts_with("2025-11-25T17:00:00."));
    expect_refused(create("roomies"), 409, "already_created", "accountExternalId");
}

TEST_F(PlatformRoutes, RepeatACreationUnderItsKey) {
    const Answer first = create("roomies", "", "k1");
    put(text_at(object_of(first), "item", "id"), R"({"isActive":false})");
    const Answer again = create("roomies", "", "k1");
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    expect_refused(create("roomies", R"(,"isActive":false)", "k1"), 409, "idempotency_conflict",
                   "");
}

TEST_F(PlatformRoutes, TakeReferencesAndNeverSecrets) {
    const Answer plain = create("roomies", R"(,"credentials":{"sessionRef":"hunter2-cookie"})");
    expect_refused(plain, 400, "CREDENTIAL_PLAINTEXT_FORBIDDEN", "credentials.sessionRef");
    EXPECT_EQ(plain.body.find("hunter2"), std::string::npos);
    expect_refused(create("roomies", R"(,"credentials":{"passwordRef":"env:P"})"), 400,
                   "CREDENTIAL_MISSING", "credentials");
    expect_refused(create("roomies", R"(,"credentials":{"sessionRef":7})"), 400,
                   "CREDENTIAL_PLAINTEXT_FORBIDDEN", "credentials.sessionRef");
    expect_refused(create("roomies", R"(,"credentials":["env:P"])"), 400, "not_an_object",
                   "credentials");
    expect_refused(create("roomies", R"(,"credentials":{"hunter2":"env:P"})"), 400, "unknown_field",
                   "credentials");
    expect_refused(create("room ies"), 400, "invalid_name", "platform");
    expect_refused(create("roomies", R"(,"sendMode":"always")"), 400, "unknown_send_mode",
                   "sendMode");
}

TEST_F(PlatformRoutes, ChangeAPolicyInPart) {
    const std::string id = created_id("roomies");
    Answer answer = put(id, R"({"isActive":false})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(object_of(answer).at("changed"), true);
    EXPECT_EQ(object_of(answer).at("item").at("isActive"), false);
    EXPECT_EQ(put(id, R"({"isActive":false})").body.find("\"changed\":true"), std::string::npos);
    answer = put(id, R"({"sendMode":"auto_send"})");
    EXPECT_EQ(object_of(answer).at("item").at("sendMode"), "auto_send");
    EXPECT_EQ(object_of(answer).at("item").at("isActive"), false) << "the rest stays as it is";
    answer = put(id, R"({"sendMode":null})");
    EXPECT_EQ(object_of(answer).at("item").at("sendMode"), "draft_only");
    EXPECT_TRUE(object_of(answer).at("item").at("sendModeOverride").is_null());
    expect_refused(put(id, R"({"sendMode":"x"})"), 400, "unknown_send_mode", "sendMode");
    expect_refused(put(id, R"({"integrationMode":"api"})"), 400, "unknown_integration_mode",
                   "integrationMode");
    expect_refused(put(id, R"({"isActive":"no"})"), 400, "invalid_type", "isActive");
    expect_refused(put(id, R"({"platform":"x"})"), 400, "unknown_field", "platform");
    expect_refused(put("nobody", R"({"isActive":false})"), 404, "not_found", "id");
    expect_refused(put("a%20b", R"({"isActive":false})"), 404, "not_found", "");
}

TEST_F(PlatformRoutes, SwitchAnAccountOffWhileTheDiskIsLow) {
    const std::string id = created_id("roomies");
    desk_.fill_disk(RouteDesk::kHalfOfWhatIsWanted);
    expect_refused(put(id, R"({"sendMode":"auto_send"})"), 503, "disk_low", "");
    const Answer off = put(id, R"({"isActive":false})");
    EXPECT_EQ(off.status, 200) << off.body;
    expect_refused(put(id, R"({"isActive":true})"), 503, "disk_low", "");
}

TEST_F(PlatformRoutes, AuditAChangeWithWhatItChanged) {
    last_ = put(created_id("roomies"), R"({"isActive":false,"sendMode":"auto_send"})");
    const object answer = asked("/api/events?action=platform_policy_updated");
    ASSERT_EQ(answer.at("items").as_array().size(), 1U);
    const object event = answer.at("items").as_array()[0].as_object();
    EXPECT_EQ(event.at("platform"), "roomies");
    EXPECT_EQ(event.at("account"), "roomies-1");
    EXPECT_EQ(event.at("payload").at("updates"), (boost::json::array{"isActive", "sendMode"}));
    EXPECT_EQ(event.at("payload").at("effectiveSendMode"), "auto_send");
    EXPECT_EQ(event.at("payload").at("isActive"), false);
}

TEST_F(PlatformRoutes, LetServicesSpeakOfTheirOwnPolicies) {
    const std::string id = created_id("roomies");
    happens("platform_policy_updated", "roomies");
    EXPECT_EQ(asked(kAccounts).at("items").as_array()[0].at("isActive"), true);
}

TEST_F(PlatformRoutes, ListAccountsByPlatformPageByPage) {
    for (const char* platform : {"spareroom", "roomies", "leasebreak"}) created_id(platform);
    object page = asked(std::string(kAccounts) + "?limit=2");
    ASSERT_EQ(page.at("items").as_array().size(), 2U);
    EXPECT_EQ(page.at("items").as_array()[0].at("platform"), "leasebreak");
    page = asked(std::string(kAccounts) +
                 "?limit=2&cursor=" + std::string(page.at("next").as_string()));
    ASSERT_EQ(page.at("items").as_array().size(), 1U);
    EXPECT_EQ(page.at("items").as_array()[0].at("platform"), "spareroom");
    EXPECT_TRUE(page.at("next").is_null());
}

TEST_F(PlatformRoutes, MissWhatIsSwitchedOffOrWasNotHeardOf) {
    const std::string id = created_id("roomies");
    created_id("spareroom");
    happens("ai_reply_created", "roomies");
    object policies = asked(kPolicies);
    const boost::json::array required{"spareroom", "roomies", "leasebreak", "renthop",
                                      "furnishedfinder"};
    EXPECT_EQ(policies.at("requiredPlatforms"), required);
    EXPECT_EQ(policies.at("missingPlatforms"),
              (boost::json::array{"spareroom", "leasebreak", "renthop", "furnishedfinder"}))
        << "spareroom has an account and shows no sign of life";
    EXPECT_EQ(policies.at("globalDefaultSendMode"), "draft_only");
    EXPECT_EQ(policies.at("items").as_array().size(), 2U);

    last_ = put(id, R"({"isActive":false})");
    EXPECT_EQ(asked(kPolicies).at("missingPlatforms"), required);
    last_ = put(id, R"({"isActive":true})");
    EXPECT_EQ(asked(kPolicies).at("missingPlatforms").as_array().size(), 4U);
    desk_.clock().pass(2 * kHourUs);
    EXPECT_EQ(asked(std::string(kPolicies) + "?windowHours=1").at("missingPlatforms"), required);
    EXPECT_EQ(
        asked(std::string(kPolicies) + "?windowHours=3").at("missingPlatforms").as_array().size(),
        4U);
}

TEST_F(PlatformRoutes, ShowTheHealthOfEveryAccount) {
    const std::string id = created_id("roomies");
    happens("ai_reply_error", "roomies");
    object health = asked(kHealth);
    EXPECT_TRUE(
        std::string(health.at("generatedAt").as_string()).starts_with("2025-11-25T17:00:00."));
    object item = health.at("items").as_array()[0].as_object();
    EXPECT_EQ(item.at("health"), "degraded");
    EXPECT_EQ(item.at("errorCount24h"), 1);
    EXPECT_EQ(item.at("error").at("count24h"), 1);
    EXPECT_EQ(item.at("error").at("lastErrorAt"), "2025-11-25T17:00:00.000000Z");
    EXPECT_TRUE(item.at("lastSuccessfulIngestAt").is_null());
    EXPECT_TRUE(item.at("lastSuccessfulSendAt").is_null());
    EXPECT_TRUE(item.at("disableReason").is_null());

    last_ = put(id, R"({"isActive":false})");
    item = asked(kHealth).at("items").as_array()[0].as_object();
    EXPECT_EQ(item.at("health"), "inactive");
    EXPECT_EQ(item.at("disableReason"), "disabled_by_admin_policy");
    last_ = put(id, R"({"isActive":true})");
    desk_.clock().pass(25 * kHourUs);
    item = asked(kHealth).at("items").as_array()[0].as_object();
    EXPECT_EQ(item.at("health"), "healthy");
    EXPECT_EQ(item.at("errorCount24h"), 0);
    EXPECT_EQ(item.at("error").at("lastErrorAt"), "2025-11-25T17:00:00.000000Z");
}

}  // namespace platform_routes_test
