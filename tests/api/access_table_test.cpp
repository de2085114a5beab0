// Route x role x (no, bad, expired, revoked token), over every route that the real app has: a new
// route is in this table by existing. What each route wants is written down a second time here, so
// that opening one by accident fails.
#include <gtest/gtest.h>
#include <sodium.h>

#include <map>

#include "api/auth/authorise.hpp"
#include "api/auth/token_commands.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::access_table_test {

using namespace decklog::api::testing;

const std::map<std::string, Access>& expected_access() {
    static const std::map<std::string, Access> kTable{
        {"POST /hooks/telegram", Access::platform},
        {"POST /hooks/telegram/{account}", Access::platform},
        {"POST /hooks/discord", Access::platform},
        {"POST /hooks/discord/{account}", Access::platform},
        {"POST /hooks/whatsapp", Access::platform},
        {"POST /hooks/whatsapp/{account}", Access::platform},
        {"GET /hooks/whatsapp", Access::platform},
        {"GET /hooks/whatsapp/{account}", Access::platform},
        {"POST /hooks/slack", Access::platform},
        {"POST /hooks/slack/{account}", Access::platform},
        {"GET /live", Access::open},
        {"GET /healthz", Access::open},
        {"GET /ready", Access::open},
        {"GET /health", Access::open},
        {"GET /version", Access::open},
        {"GET /metrics", Access::open},
        {"GET /api/openapi.json", Access::open},
        {"POST /api/audit", Access::ingest},
        {"POST /api/events", Access::ingest},
        {"GET /api/audit", Access::viewer},
        {"GET /api/events", Access::viewer},
        {"GET /api/events/live", Access::viewer},
        {"GET /api/streams/{stream…}", Access::viewer},
        {"GET /api/rooms", Access::viewer},
        {"GET /api/rooms/{id}", Access::viewer},
        {"GET /api/rooms/{id}/members", Access::viewer},
        {"GET /api/rooms/{id}/messages", Access::viewer},
        {"GET /api/rooms/{id}/bindings", Access::viewer},
        {"GET /api/views/{view}", Access::operator_},
        {"POST /api/views/{view}/rebuild", Access::operator_},
        {"GET /api/views/{view}/parked", Access::operator_},
        {"POST /api/views/{view}/parked/retry", Access::operator_},
        {"GET /api/admin/verify", Access::operator_},
        {"GET /api/admin/export", Access::operator_},
        {"POST /api/cluster/personal-reads", Access::operator_},
        {"POST /api/cluster/erased-bodies", Access::admin},
        {"POST /api/import", Access::ingest},
        {"GET /api/admin/observability", Access::admin},
        {"GET /api/admin/level", Access::admin},
        {"POST /api/admin/level", Access::admin},
        {"POST /api/admin/adopt", Access::admin},
        {"POST /api/admin/backup", Access::admin},
        {"POST /api/admin/platform-accounts", Access::admin},
        {"GET /api/admin/platform-accounts", Access::admin},
        {"GET /api/admin/platform-policies", Access::admin},
        {"PUT /api/admin/platform-policies/{id}", Access::admin},
        {"GET /api/admin/platform-health", Access::admin},
        {"POST /api/workers/{name}/heartbeat", Access::ingest},
        {"GET /api/workers", Access::viewer},
        {"POST /api/rollouts", Access::operator_},
        {"GET /api/rollouts", Access::viewer},
        {"GET /api/rollouts/{id}", Access::viewer},
        {"POST /api/rollouts/{id}/stage", Access::operator_},
        {"POST /api/rollouts/{id}/gates", Access::gate},
        {"POST /api/rollouts/{id}/check", Access::operator_},
        {"POST /api/rollouts/{id}/override", Access::operator_},
        {"GET /api/rollouts/{id}/cohort", Access::ingest},
        {"POST /api/rollouts/{id}/flagger/{hook}", Access::viewer},
        {"POST /api/tokens", Access::admin},
        {"GET /api/tokens", Access::admin},
        {"DELETE /api/tokens/{id}", Access::admin},
    };
    return kTable;
}

std::string name_of(const Route& route) {
    return std::string(to_text(route.method)) + " " + route.path;
}

std::string target_of(std::string path) {
    while (path.find('{') != std::string::npos) {
        path.replace(path.find('{'), path.find('}') - path.find('{') + 1, "x");
    }
    return path;
}

class AccessTableTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        directory_ = new TemporaryDirectory;
        config_ = new Config;
        config_->data = directory_->path() / "data";
        app_ = App::open(*config_, std::chrono::milliseconds(0)).value().release();
        server_ = new RunningServer(*app_);
    }
    static void TearDownTestSuite() {
        delete server_;
        delete app_;
        delete config_;
        delete directory_;
    }

    static TokenSubmission record(Role role, std::optional<std::int64_t> expires_at_us = {}) {
        const domain::TokenOrder order = order_at(app_->core().clock->now_us());
        TokenWish wish{std::string(to_text(role)), "test", expires_at_us, false, {}};
        if (role == Role::gate) wish.gate = "ci";
        auto made = create_token_submission(app_->core(), wish, order);
        submit(std::move(made.submission));
        return made;
    }
    static void submit(store::Submission submission) {
        std::vector<store::Submission> submissions;
        submissions.push_back(std::move(submission));
        ASSERT_TRUE(
            store::submit_and_wait(*app_->core().ledger, 0, std::move(submissions)).front());
    }

    /// Status, and the body unless it streams on.
    static Response ask(const Route& route, const std::string& headers) {
        std::string extra = headers;
        std::string body;
        if (route.body_bytes_max > 0) {
            extra += "Content-Type: application/json\r\n";
            body = "{}";
        }
        return RawClient(server_->port())
            .ask(request(to_text(route.method), target_of(route.path), extra, body),
                 !route.is_stream);
    }
    static std::string bearer(const std::string& token) {
        return "Authorization: Bearer " + token + "\r\n";
    }

    static inline TemporaryDirectory* directory_ = nullptr;
    static inline Config* config_ = nullptr;
    static inline App* app_ = nullptr;
    static inline RunningServer* server_ = nullptr;
};

TEST_F(AccessTableTest, EveryRouteWantsWhatTheContractSays) {
    for (const Route& route : app_->routes()) {
        const auto found = expected_access().find(name_of(route));
        if (found == expected_access().end()) {
            // A route that is not in the table yet may be new, but never open to everyone.
            EXPECT_NE(route.access, Access::open) << name_of(route);
            EXPECT_NE(route.access, Access::platform) << name_of(route);
            continue;
        }
        EXPECT_EQ(route.access, found->second) << name_of(route);
    }
}

TEST_F(AccessTableTest, NoRouteOpensWithoutAGoodToken) {
    const auto expired = record(Role::admin, app_->core().clock->now_us() + 50'000);
    const auto revoked = record(Role::admin);
    store::Submission ending;
    ending.intent = domain::revoke_token({order_at(app_->core().clock->now_us()), revoked.id});
    submit(std::move(ending));
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    std::string forged = record(Role::admin).text;
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    for (const Route& route : app_->routes()) {
        if (roles_for(route.access).empty()) continue;
        for (const std::string& headers :
             {std::string{}, bearer("rubbish"), bearer(forged), bearer(expired.text),
              bearer(revoked.text), std::string("Authorization: Basic YTpi\r\n"),
              "Cookie: decklog_session=" + revoked.text + "\r\n"}) {
            const Response response = ask(route, headers);
            ASSERT_EQ(response.status, 401) << name_of(route) << " " << headers;
            EXPECT_EQ(response.headers.at("www-authenticate"), "Bearer");
            if (!route.is_stream) {
                EXPECT_EQ(response.body, R"({"error":"unauthorized"})");
            }
        }
    }
}

TEST_F(AccessTableTest, EveryRouteAdmitsItsRolesAndNoOther) {
    for (const Role role : {Role::gate, Role::ingest, Role::viewer, Role::operator_, Role::admin}) {
        const std::string token = record(role).text;
        for (const Route& route : app_->routes()) {
            const auto roles = roles_for(route.access);
            if (roles.empty()) continue;
            const bool may = std::find(roles.begin(), roles.end(), role) != roles.end();
            const Response response = ask(route, bearer(token));
            const std::string row = name_of(route) + " as " + std::string(to_text(role));
            EXPECT_NE(response.status, 0) << row;
            EXPECT_NE(response.status, 401) << row;
            EXPECT_EQ(response.status == 403, !may)
                << row << ": " << response.status << " " << response.body;
            EXPECT_LT(response.status, 500) << row << ": " << response.body;
            if (may || route.is_stream) continue;
            if (role == Role::gate) {
                EXPECT_NE(response.body.find("reports the gate ci"), std::string::npos) << row;
            } else {
                EXPECT_EQ(response.body, forbidden_answer(route.access, role).body);
            }
        }
    }
}

TEST_F(AccessTableTest, EveryRouteRefusesAParameterThatItDoesNotKnow) {
    const std::string token = record(Role::admin).text;
    for (const Route& route : app_->routes()) {
        // Platforms put there what they like, and the snapshot's callers were promised no 400.
        const bool takes_all =
            route.access == Access::platform || route.path == "/api/admin/observability";
        std::string target = route.path;
        if (const auto view = target.find("{view}"); view != std::string::npos)
            target.replace(view, 6, "audit");
        std::string extra = bearer(token);
        if (route.body_bytes_max > 0) extra += "Content-Type: application/json\r\n";
        const Response response =
            RawClient(server_->port())
                .ask(request(to_text(route.method), target_of(target) + "?no-such=1", extra,
                             route.body_bytes_max > 0 ? "{}" : ""));
        EXPECT_EQ(response.body.find(R"("error":"unknown_parameter")") == std::string::npos,
                  takes_all)
            << name_of(route) << ": " << response.status << " " << response.body;
        if (takes_all) continue;
        EXPECT_EQ(response.status, 400) << name_of(route);
        EXPECT_NE(response.body.find(R"("field":"no-such")"), std::string::npos) << response.body;
    }
}

TEST_F(AccessTableTest, ReadyIsAskedForIngestOrForAll) {
    const auto ready = [](const std::string& query) {
        return once(server_->port(), request("GET", "/ready" + query));
    };
    EXPECT_EQ(ready("?for=ingest").status, 200);
    const Response refused = ready("?for=x");
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find(R"("error":"unknown_word")"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find(R"("field":"for")"), std::string::npos) << refused.body;
    EXPECT_EQ(ready("?for=ingest&for=x").status, 400);
    EXPECT_EQ(ready("?for=").status, 400);
}

TEST_F(AccessTableTest, TheCookieOpensReadingAlone) {
    const std::string cookie = "Cookie: decklog_session=" + record(Role::admin).text + "\r\n";
    for (const Route& route : app_->routes()) {
        if (roles_for(route.access).empty()) continue;
        const Response response = ask(route, cookie);
        EXPECT_EQ(response.status == 401, route.method != Method::get)
            << name_of(route) << ": " << response.status;
    }
}

TEST_F(AccessTableTest, APasswordIsATokenForFlaggerAlone) {
    const std::string pair = "flagger:" + record(Role::admin).text;
    std::string encoded(sodium_base64_encoded_len(pair.size(), sodium_base64_VARIANT_ORIGINAL),
                        '\0');
    sodium_bin2base64(encoded.data(), encoded.size(),
                      reinterpret_cast<const unsigned char*>(pair.data()), pair.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    encoded.pop_back();
    for (const Route& route : app_->routes()) {
        if (roles_for(route.access).empty()) continue;
        const Response response = ask(route, "Authorization: Basic " + encoded + "\r\n");
        EXPECT_EQ(response.status != 401, route.path == "/api/rollouts/{id}/flagger/{hook}")
            << name_of(route) << ": " << response.status;
    }
}

TEST_F(AccessTableTest, OpenRoutesAskForNothing) {
    for (const Route& route : app_->routes()) {
        if (!roles_for(route.access).empty()) continue;
        const Response response = ask(route, {});
        EXPECT_NE(response.status, 401) << name_of(route);
        EXPECT_NE(response.status, 403) << name_of(route);
        EXPECT_LT(response.status, 500) << name_of(route);
    }
}

}  // namespace decklog::api::access_table_test
