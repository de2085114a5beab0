// Tokens from their text to their end: form, hash, roles, expiry, revocation, cookies, and the
// routes that make and end them.
#include <gtest/gtest.h>
#include <sodium.h>

#include <boost/json.hpp>

#include "api/auth/authorise.hpp"
#include "api/auth/token_text.hpp"
#include "api/routes/routes.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "domain/time_text.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::token_test {

using namespace decklog::api::testing;
namespace json = boost::json;

constexpr std::int64_t kHour = 3'600'000'000;

TEST(TokenText, HasTheFormOfTheContract) {
    const NewToken token = make_token(store::system_random());
    EXPECT_TRUE(token.text.starts_with("dlk_" + token.id + "_"));
    EXPECT_EQ(token.text.size(), 4 + token.id.size() + 1 + 43);
    EXPECT_EQ(token_id_of(token.text), token.id);
    EXPECT_NE(make_token(store::system_random()).text, token.text);
}

TEST(TokenText, RefusesOtherForms) {
    const std::string secret(43, 'a');
    EXPECT_TRUE(token_id_of("dlk_1_" + secret));
    for (const std::string& text :
         {std::string{}, "dlk__" + secret, "dlk_1_" + secret + "a", "dlk_1_" + secret.substr(1),
          "dlk_1_" + secret.substr(1) + "=", "dlk_a-b_" + secret, "DLK_1_" + secret,
          "dlk_" + std::string(65, '1') + "_" + secret}) {
        EXPECT_FALSE(token_id_of(text)) << text;
    }
}

TEST(TokenBook, KnowsATokenUntilItIsRevoked) {
    SmallApp app;
    const auto made = app.record({"viewer", "reader", {}, true, {}});
    const auto principal = app.core().tokens->authenticate(made.text);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->id, made.id);
    EXPECT_EQ(principal->role, Role::viewer);
    EXPECT_TRUE(principal->opens_sealed());
    EXPECT_TRUE(app.core().tokens->still_valid(*principal));
    app.revoke(made.id);
    EXPECT_FALSE(app.core().tokens->authenticate(made.text));
    EXPECT_FALSE(app.core().tokens->still_valid(*principal));
}

TEST(TokenBook, KnowsATokenUntilItExpires) {
    SmallApp app;
    const std::string token = app.token(Role::operator_, kHour);
    app.clock().advance(kHour - 1'000'000);
    EXPECT_TRUE(app.core().tokens->authenticate(token));
    app.clock().advance(1'000'000);
    EXPECT_FALSE(app.core().tokens->authenticate(token));
}

TEST(TokenBook, KnowsNoOtherTokenOfTheSameId) {
    SmallApp app;
    std::string token = app.token(Role::admin);
    token.back() = token.back() == 'A' ? 'B' : 'A';
    EXPECT_FALSE(app.core().tokens->authenticate(token));
    EXPECT_FALSE(app.core().tokens->authenticate("dlk_0000_" + std::string(43, 'a')));
    EXPECT_FALSE(app.core().tokens->authenticate(""));
}

TokenWish for_gate(const char* gate) {
    TokenWish wish;
    wish.name = "ci";
    wish.gate = gate;
    return wish;
}

TEST(TokenBook, KnowsTheGateOfAToken) {
    SmallApp app;
    const auto principal = app.core().tokens->authenticate(app.record(for_gate("api-tests")).text);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->role, Role::gate);
    EXPECT_EQ(principal->gate, "api-tests");
    EXPECT_FALSE(principal->opens_sealed());
    EXPECT_FALSE(app.core().tokens->authenticate(app.token(Role::viewer))->gate);
}

TEST(TokenBook, OpensNothingForALimitWithoutTheRoleThatKeepsIt) {
    SmallApp app;
    struct Row {
        const char* role;
        const char* gate;
        bool opens;
    };
    for (const Row& row : {Row{"operator", "api-tests", false}, Row{"gate", "", false},
                           Row{"gate", "api-tests", true}, Row{"operator", "", true}}) {
        // As no command of this build writes it.
        TokenSubmission made = create_token_submission(
            app.core(), {"operator", "odd", {}, false, {}}, order_at(app.clock().now_us()));
        fb::TokenCreatedT payload;
        payload.token_id = made.id;
        payload.role = row.role;
        payload.gate = row.gate;
        const auto hash = token_hash(*app.core().vault, made.text);
        payload.hash.assign(hash.begin(), hash.end());
        domain::NewEvent event;
        event.type = domain::EventType::token_created;
        event.stream = "token/" + made.id;
        event.occurred_at_us = app.clock().now_us();
        event.actor = {"system", "test"};
        event.recorded_by = "test";
        event.platform = "decklog";
        event.payload = domain::encode_payload(payload);
        made.submission.intent = domain::fact("odd_token", std::move(event));
        std::vector<store::Submission> submissions;
        submissions.push_back(std::move(made.submission));
        ASSERT_TRUE(store::submit_and_wait(*app.core().ledger, 0, std::move(submissions)).front());
        EXPECT_EQ(app.core().tokens->authenticate(made.text).has_value(), row.opens)
            << row.role << " " << row.gate;
    }
}

TEST(TokenBook, FoldsTheSameFromTheLog) {
    SmallApp app;
    const std::string kept = app.token(Role::ingest);
    const auto ended = app.record({"admin", "gone", {}, false, {}});
    app.revoke(ended.id);
    const auto again = TokenBook::open(*app.core().ledger, *app.core().vault, app.clock());
    ASSERT_TRUE(again);
    EXPECT_TRUE((*again)->authenticate(kept));
    EXPECT_FALSE((*again)->authenticate(ended.text));
    EXPECT_TRUE((*again)->ever_had_admin());
    EXPECT_EQ((*again)->list().size(), 2U);
}

TEST(TokenBook, AcceptsNoneWithoutTheVaultItWasMadeWith) {
    SmallApp app;
    const std::string token = app.token(Role::admin);
    const auto other = store::make_memory_vault(&store::system_random());
    const auto book = TokenBook::open(*app.core().ledger, *other, app.clock());
    ASSERT_TRUE(book);
    EXPECT_FALSE((*book)->authenticate(token));
}

TEST(TokenBook, AdmitsTokensThatAreNoEvents) {
    SmallApp app;
    const std::string token = "an-environment-token-of-32-chars";
    app.core().tokens->admit("env-admin", token);
    EXPECT_EQ(app.core().tokens->authenticate(token)->role, Role::admin);
    EXPECT_TRUE(app.core().tokens->still_valid(*app.core().tokens->authenticate(token)));
    EXPECT_TRUE(app.core().tokens->list().empty());
    EXPECT_FALSE(app.core().tokens->ever_had_admin());
}

TEST(Authorise, CountsTheCookieOnGetAlone) {
    SmallApp app;
    const std::string token = app.token(Role::admin);
    Request request;
    request.headers = {{"cookie", "a=b; decklog_session=" + token + "; c=d"}};
    request.method = Method::get;
    EXPECT_EQ(token_of(request), token);
    EXPECT_TRUE(authorise(Access::admin, request, *app.core().tokens));
    for (const Method method : {Method::post, Method::put, Method::del, Method::other}) {
        request.method = method;
        EXPECT_EQ(authorise(Access::admin, request, *app.core().tokens).error().status, 401);
    }
}

TEST(Authorise, TakesTheHeaderBeforeTheCookie) {
    SmallApp app;
    Request request;
    request.method = Method::get;
    request.headers = {{"authorization", "Bearer wrong"},
                       {"cookie", "decklog_session=" + app.token(Role::admin)}};
    EXPECT_EQ(authorise(Access::admin, request, *app.core().tokens).error().status, 401);
    request.headers = {{"authorization", "bearer " + app.token(Role::admin)}};
    EXPECT_TRUE(authorise(Access::admin, request, *app.core().tokens));
    request.headers = {{"authorization", "Basic " + app.token(Role::admin)}};
    EXPECT_FALSE(authorise(Access::admin, request, *app.core().tokens));
}

/// What curl and Go's client make of `user:password@` in an address.
std::string basic(const std::string& pair) {
    std::string encoded(sodium_base64_encoded_len(pair.size(), sodium_base64_VARIANT_ORIGINAL),
                        '\0');
    sodium_bin2base64(encoded.data(), encoded.size(),
                      reinterpret_cast<const unsigned char*>(pair.data()), pair.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    encoded.pop_back();
    return "Basic " + encoded;
}

TEST(Authorise, TakesAPasswordForATokenOnlyWhereARouteSaysSo) {
    SmallApp app;
    const std::string token = app.token(Role::operator_);
    Request request;
    request.method = Method::post;
    const auto may = [&](const std::string& authorization, bool takes_basic) {
        request.headers = {{"authorization", authorization}};
        return authorise(Access::operator_, request, *app.core().tokens, takes_basic).has_value();
    };
    EXPECT_TRUE(may(basic("flagger:" + token), true));
    EXPECT_TRUE(may(basic(":" + token), true));
    EXPECT_TRUE(may("bearer " + token, true));
    EXPECT_FALSE(may(basic("flagger:" + token), false));
    EXPECT_FALSE(may(basic(token), true)) << "no password";
    EXPECT_FALSE(may(basic(token + ":"), true)) << "the user is nobody's token";
    EXPECT_FALSE(may(basic("flagger:" + token + " "), true));
    EXPECT_FALSE(may("Basic " + token, true)) << "not base64";
    EXPECT_FALSE(may("Basic", true));
    EXPECT_FALSE(may("Basic ", true));
}

TEST(Authorise, LetsATokenOfAGateReportItAndNothingElse) {
    SmallApp app;
    Request request;
    request.method = Method::post;
    request.headers = {{"authorization", "Bearer " + app.record(for_gate("api-tests")).text}};
    EXPECT_EQ(authorise(Access::gate, request, *app.core().tokens)->gate, "api-tests");
    for (const Access access : {Access::ingest, Access::viewer, Access::operator_, Access::admin}) {
        const auto refused = authorise(access, request, *app.core().tokens);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().status, 403);
        EXPECT_NE(refused.error().body.find("reports the gate api-tests of a rollout"),
                  std::string::npos)
            << refused.error().body;
    }
    for (const Access access : {Access::open, Access::platform}) {
        EXPECT_EQ(authorise(access, request, *app.core().tokens)->role, Role::none)
            << "it is told what anyone is told";
    }
    request.method = Method::get;
    request.headers = {{"cookie", "decklog_session=" + app.record(for_gate("api-tests")).text}};
    EXPECT_EQ(authorise(Access::viewer, request, *app.core().tokens).error().status, 403);
}

TEST(Authorise, AnswersLikeTheServicesOfTheRunbooks) {
    const Answer unknown = unauthorized_answer();
    EXPECT_EQ(unknown.body, R"({"error":"unauthorized"})");
    EXPECT_EQ(unknown.headers.front(),
              (std::pair<std::string, std::string>{"WWW-Authenticate", "Bearer"}));
    const Answer forbidden = forbidden_answer(Access::operator_, Role::ingest);
    EXPECT_EQ(forbidden.status, 403);
    EXPECT_EQ(
        forbidden.body,
        R"({"error":"forbidden","requiredRoles":["operator","admin"],"currentRole":"ingest"})");
}

TEST(Authorise, HoldsTheTableOfRoles) {
    struct Row {
        Access access;
        std::vector<Role> roles;
    };
    for (const Row& row : {Row{Access::gate, {Role::gate, Role::operator_, Role::admin}},
                           Row{Access::ingest, {Role::ingest, Role::admin}},
                           Row{Access::viewer, {Role::viewer, Role::operator_, Role::admin}},
                           Row{Access::operator_, {Role::operator_, Role::admin}},
                           Row{Access::admin, {Role::admin}}}) {
        for (const Role role :
             {Role::none, Role::gate, Role::ingest, Role::viewer, Role::operator_, Role::admin}) {
            const bool may = std::find(row.roles.begin(), row.roles.end(), role) != row.roles.end();
            Principal principal;
            principal.role = role;
            const auto permitted = permit(row.access, principal);
            EXPECT_EQ(permitted.has_value(), may) << to_text(role);
            if (may) continue;
            EXPECT_EQ(permitted.error().status, role == Role::none ? 401 : 403);
        }
    }
    EXPECT_TRUE(permit(Access::open, Principal{}));
    EXPECT_TRUE(permit(Access::platform, Principal{}));
}

class TokenRoutesTest : public ::testing::Test {
  protected:
    TokenRoutesTest() {
        app_.add(token_routes(app_.core()));
        server_ = std::make_unique<RunningServer>(app_);
        admin_ = app_.token(Role::admin);
    }
    Response ask(std::string_view verb, std::string_view target, std::string_view body = {},
                 std::string headers = {}) {
        headers += "Authorization: Bearer " + admin_ + "\r\nContent-Type: application/json\r\n";
        return once(server_->port(), request(verb, target, headers, body));
    }
    json::object created(std::string_view body) {
        const Response response = ask("POST", "/api/tokens", body);
        EXPECT_EQ(response.status, 201) << response.body;
        return json::parse(response.body).as_object();
    }

    SmallApp app_;
    std::unique_ptr<RunningServer> server_;
    std::string admin_;
};

TEST_F(TokenRoutesTest, CreatesATokenThatWorksAtOnce) {
    const json::object token = created(R"({"role":"viewer","name":"dash"})");
    EXPECT_EQ(token.at("role"), "viewer");
    EXPECT_EQ(token.at("name"), "dash");
    EXPECT_TRUE(token.at("expiresAt").is_null());
    const auto principal = app_.core().tokens->authenticate(token.at("token").as_string().c_str());
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->id, token.at("id").as_string().c_str());
}

TEST_F(TokenRoutesTest, ListsWhatWasMadeWithoutSecrets) {
    const json::object token = created(
        R"({"role":"ingest","name":"bot","account":"7","expiresAt":"2999-01-01T00:00:00Z"})");
    const Response response = ask("GET", "/api/tokens");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body.find(token.at("token").as_string().c_str()), std::string::npos);
    EXPECT_EQ(response.body.find("hash"), std::string::npos);
    const auto items = json::parse(response.body).at("items").as_array();
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[1].at("account"), "7");
    EXPECT_EQ(items[1].at("state"), "active");
    EXPECT_EQ(items[1].at("expiresAt"), "2999-01-01T00:00:00.000000Z");
}

TEST_F(TokenRoutesTest, MakesATokenForOneGate) {
    const json::object token = created(R"({"name":"ci","gate":"api-tests"})");
    EXPECT_EQ(token.at("role"), "gate");
    EXPECT_EQ(token.at("gate"), "api-tests");
    const auto principal = app_.core().tokens->authenticate(token.at("token").as_string().c_str());
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->gate, "api-tests");
    EXPECT_EQ(created(R"({"role":"operator","name":"ci","gate":"web"})").at("role"), "gate");
    const Response list = ask("GET", "/api/tokens");
    const auto items = json::parse(list.body).at("items").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_FALSE(items[0].as_object().contains("gate"));
    EXPECT_EQ(items[1].at("gate"), "api-tests");
    EXPECT_EQ(items[1].at("role"), "gate");
    const Response told = once(
        server_->port(),
        request("GET", "/api/tokens",
                "Authorization: Bearer " + std::string(token.at("token").as_string()) + "\r\n"));
    EXPECT_EQ(told.status, 403);
}

TEST_F(TokenRoutesTest, ListsPageByPageAndWaits) {
    for (const char* name : {"a", "b", "c"})
        (void)created(R"({"role":"viewer","name":")" + std::string(name) + R"("})");
    std::vector<std::string> names;
    std::string cursor;
    for (int page = 0; page < 3; ++page) {
        const Response response =
            ask("GET", "/api/tokens?limit=2" + (cursor.empty() ? cursor : "&cursor=" + cursor));
        ASSERT_EQ(response.status, 200) << response.body;
        const json::value list = json::parse(response.body);
        for (const auto& token : list.at("items").as_array())
            names.emplace_back(token.at("name").as_string().c_str());
        if (list.at("next").is_null()) break;
        cursor = list.at("next").as_string().c_str();
    }
    ASSERT_EQ(names.size(), 4U);
    EXPECT_EQ(std::vector<std::string>(names.begin() + 1, names.end()),
              (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(ask("GET", "/api/tokens?limit=0").status, 400);
    EXPECT_EQ(ask("GET", "/api/tokens?nonsense=1").status, 400);
    EXPECT_EQ(ask("GET", "/api/tokens?wait=ffffffff.0:1").status, 409);
}

TEST_F(TokenRoutesTest, RevokesFromTheNextRequestOn) {
    const json::object token = created(R"({"role":"admin","name":"second"})");
    const std::string id = token.at("id").as_string().c_str();
    const Response revoked = ask("DELETE", "/api/tokens/" + id);
    EXPECT_EQ(revoked.status, 200);
    EXPECT_TRUE(revoked.headers.contains("decklog-position"));
    EXPECT_FALSE(app_.core().tokens->authenticate(token.at("token").as_string().c_str()));
    EXPECT_EQ(ask("DELETE", "/api/tokens/" + id).status, 200) << "revoking twice is revoking once";
    EXPECT_EQ(ask("DELETE", "/api/tokens/nobody").status, 404);
}

TEST_F(TokenRoutesTest, ShowsATokenOnceUnderOneKey) {
    const std::string key = "Idempotency-Key: k1\r\n";
    EXPECT_EQ(ask("POST", "/api/tokens", R"({"role":"viewer","name":"a"})", key).status, 201);
    const Response repeated = ask("POST", "/api/tokens", R"({ "name":"a", "role":"viewer" })", key);
    EXPECT_EQ(repeated.status, 409);
    EXPECT_NE(repeated.body.find("already_created"), std::string::npos);
    const Response other = ask("POST", "/api/tokens", R"({"role":"admin","name":"a"})", key);
    EXPECT_EQ(other.status, 409);
    EXPECT_NE(other.body.find("idempotency_conflict"), std::string::npos);
    EXPECT_EQ(app_.core().tokens->list().size(), 2U);
}

TEST_F(TokenRoutesTest, RefusesWithTheField) {
    struct Row {
        const char* body;
        const char* field;
    };
    for (const Row& row :
         {Row{R"({"role":"boss","name":"a"})", "role"}, Row{R"({"role":"viewer"})", "name"},
          Row{R"({"role":"viewer","name":"a b"})", "name"}, Row{R"({"role":7,"name":"a"})", "role"},
          Row{R"({"role":"viewer","name":"a","expiresAt":"2001-01-01T00:00:00Z"})", "expiresAt"},
          Row{R"({"role":"viewer","name":"a","expiresAt":"soon"})", "expiresAt"},
          Row{R"({"role":"viewer","name":"a","account":"1"})", "account"},
          Row{R"({"role":"viewer","name":"a","gate":"ci"})", "gate"},
          Row{R"({"role":"gate","name":"a"})", "gate"}, Row{R"({"name":"a","gate":"a b"})", "gate"},
          Row{R"({"name":"a","gate":"ci","account":"1"})", "account"},
          Row{R"({"role":"viewer","name":"a","personal":"yes"})", "personal"},
          Row{R"({"role":"viewer","name":"a","hash":"x"})", "hash"}}) {
        const Response response = ask("POST", "/api/tokens", row.body);
        EXPECT_EQ(response.status, 400) << row.body;
        EXPECT_NE(response.body.find("\"field\":\"" + std::string(row.field) + "\""),
                  std::string::npos)
            << response.body;
    }
    EXPECT_EQ(ask("POST", "/api/tokens", "not json").status, 400);
}

}  // namespace decklog::api::token_test
