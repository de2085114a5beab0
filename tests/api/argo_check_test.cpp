// A check in the bytes that the web metric of Argo Rollouts sends, which are those of Go's client.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::argo_check_test {

using namespace decklog::api::testing;

class ArgoCheck : public ::testing::Test {
  protected:
    ArgoCheck() {
        config_.data = directory_.path() / "data";
        app_ = App::open(config_, std::chrono::milliseconds(0)).value();
        app_->core().tokens->admit("env-admin", kToken);
        server_ = std::make_unique<RunningServer>(*app_);
        const Response made =
            once(server_->port(),
                 request("POST", "/api/rollouts",
                         std::string("Content-Type: application/json\r\nAuthorization: Bearer ") +
                             kToken + "\r\n",
                         R"({"id":"r1","service":"s","release":"v2","baselineRelease":"v1"})"));
        EXPECT_EQ(made.status, 201) << made.body;
    }
    Response measure(const std::string& more, const std::string& body = {}) {
        return once(server_->port(),
                    "POST /api/rollouts/r1/check HTTP/1.1\r\nHost: decklog:8080\r\n"
                    "User-Agent: Go-http-client/1.1\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\nAuthorization: Bearer " + kToken +
                        "\r\n" + more + "Accept-Encoding: gzip\r\n\r\n" + body);
    }

    static constexpr const char* kToken = "an-environment-token-of-32-chars";
    TemporaryDirectory directory_;
    Config config_;
    std::unique_ptr<App> app_;
    std::unique_ptr<RunningServer> server_;
};

TEST_F(ArgoCheck, NeedsNoBodyAndNoContentType) {
    const Response answer = measure({});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.headers.find("content-encoding"), answer.headers.end());
    EXPECT_EQ(boost::json::parse(answer.body).at("verdict"), "continue") << "{$.verdict}";
}

TEST_F(ArgoCheck, TakesAnEmptyObjectAsJson) {
    const Response answer = measure("Content-Type: application/json\r\n", "{}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(boost::json::parse(answer.body).at("verdict"), "continue");
    EXPECT_EQ(measure({}, "{}").status, 415) << "Argo gives `body` no type";
    EXPECT_EQ(measure("Content-Type: application/json\r\n", R"({"force":true})").status, 400);
}

}  // namespace decklog::api::argo_check_test
