// The server over a real socket: every limit, every deadline, and what a client may and may not
// say.
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::server_test {

using namespace decklog::api::testing;
using ::testing::Test;

constexpr std::size_t kBodyMax = 100'000;
constexpr std::string_view kJson = "Content-Type: application/json\r\n";

class ServerTest : public Test {
  protected:
    ServerTest() {
        app_.add(echo_route(Method::get, "/plain", 0));
        app_.add(echo_route(Method::post, "/api/echo", kBodyMax));
        app_.add(echo_route(Method::put, "/api/echo", kBodyMax));
        app_.add(echo_route(Method::get, "/api/things/{id}", 0));
        Route named;
        named.path = "/api/named/{id}/{rest…}";
        named.access = Access::open;
        named.takes_query = true;
        named.handle = [](const Request& request, const Reply& reply) {
            Answer answer;
            answer.body = request.captures.at(0) + "|" + request.captures.at(1) + "|" +
                          request.param("q").value_or("") + "|" + domain::to_text(request.trace);
            reply(answer);
        };
        app_.add(std::move(named));
        Route throwing;
        throwing.path = "/throws";
        throwing.access = Access::open;
        throwing.handle = [](const Request&, const Reply&) {
            throw std::runtime_error("secret-of-the-body");
        };
        app_.add(std::move(throwing));
        Route silent;
        silent.path = "/forgets";
        silent.access = Access::open;
        silent.handle = [](const Request&, const Reply&) {};
        app_.add(std::move(silent));
    }

    RunningServer& start(ServerOptions options = {}) {
        server_ = std::make_unique<RunningServer>(app_, options);
        return *server_;
    }
    Response ask(std::string_view bytes) { return once(server_->port(), bytes); }

    SmallApp app_;
    std::unique_ptr<RunningServer> server_;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    RawClient client(start().port());
    for (int i = 0; i < 3; ++i) {
        const Response response = client.ask(request("POST", "/api/echo", kJson, "{\"i\":1}"));
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.body, "{\"i\":1}");
    }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    RawClient client(start().port());
    client.send(request("POST", "/api/echo", kJson, "first") +
                request("POST", "/api/echo", kJson, "second") + request("GET", "/nowhere"));
    EXPECT_EQ(client.receive().body, "first");
    EXPECT_EQ(client.receive().body, "second");
    EXPECT_EQ(client.receive().status, 404);
}

TEST_F(ServerTest, SendsNoStoreAndNoCors) {
    start();
    const Response response =
        ask(request("GET", "/plain", "Origin: https://elsewhere.example\r\n"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("cache-control"), "no-store");
    for (const auto& [name, value] : response.headers)
        EXPECT_FALSE(name.starts_with("access-control")) << name;
}

TEST_F(ServerTest, KeepsAFitRequestIdAndReplacesAnother) {
    start();
    EXPECT_EQ(
        ask(request("GET", "/plain", "X-Request-Id: job-7.a_B\r\n")).headers.at("x-request-id"),
        "job-7.a_B");
    const std::string replaced =
        ask(request("GET", "/plain", "X-Request-Id: no spaces\r\n")).headers.at("x-request-id");
    EXPECT_EQ(replaced.size(), 16U);
    const std::string long_id(65, 'a');
    EXPECT_NE(ask(request("GET", "/plain", "X-Request-Id: " + long_id + "\r\n"))
                  .headers.at("x-request-id"),
              long_id);
    EXPECT_NE(ask(request("GET", "/plain")).headers.at("x-request-id"),
              ask(request("GET", "/plain")).headers.at("x-request-id"));
}

TEST_F(ServerTest, HonoursTraceparentAndDecodesOnce) {
    start();
    const Response response =
        ask(request("GET", "/api/named/a%2Fb/c%252F/d?q=x+y%2B",
                    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
    EXPECT_EQ(response.body, "a/b|c%2F/d|x y+|0af7651916cd43dd8448eb211c80319c");
}

TEST_F(ServerTest, TellsWrongMethodFromWrongPath) {
    start();
    EXPECT_EQ(ask(request("GET", "/api/none")).status, 404);
    const Response wrong = ask(request("DELETE", "/api/echo"));
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.headers.at("allow"), "POST, PUT");
    EXPECT_EQ(ask(request("OPTIONS", "/plain")).headers.at("allow"), "GET, HEAD");
    EXPECT_EQ(ask(request("BREW", "/plain")).status, 405);
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
    RawClient client(start().port());
    const Response head = client.ask(request("HEAD", "/throws"), false);
    EXPECT_EQ(head.status, 500);
    EXPECT_NE(head.headers.at("content-length"), "0");
    EXPECT_EQ(client.ask(request("GET", "/plain")).status, 200);
}

TEST_F(ServerTest, RefusesALongHeader) {
    start();
    const Response response =
        ask(request("GET", "/plain", "X-Long: " + std::string(17'000, 'x') + "\r\n"));
    EXPECT_EQ(response.status, 431);
    EXPECT_NE(response.body.find("\"header_too_large\""), std::string::npos);
    EXPECT_NE(response.body.find("16384"), std::string::npos);
}

TEST_F(ServerTest, RefusesALongTarget) {
    start();
    EXPECT_EQ(ask(request("GET", "/" + std::string(9'000, 'a'))).status, 414);
    EXPECT_EQ(ask("GET /" + std::string(20'000, 'a')).status, 414);
}

TEST_F(ServerTest, RefusesALongBodyByItsLength) {
    start();
    const Response response = ask(request(
        "POST", "/api/echo", "Content-Type: application/json\r\nContent-Length: 100001\r\n"));
    EXPECT_EQ(response.status, 413);
    EXPECT_NE(response.body.find("\"limit\":100000"), std::string::npos);
}

TEST_F(ServerTest, RefusesALongChunkedBody) {
    RawClient client(start().port());
    client.send(request("POST", "/api/echo",
                        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"));
    const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
    for (int i = 0; i < 4; ++i) client.send(chunk);
    EXPECT_EQ(client.receive().status, 413);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, TakesAChunkedBody) {
    start();
    const Response response =
        ask(request("POST", "/api/echo",
                    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n") +
            "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n");
    EXPECT_EQ(response.body, "abcdefg");
}

TEST_F(ServerTest, TakesABodyUpToItsLimit) {
    start();
    const std::string body(kBodyMax, 'x');
    EXPECT_EQ(ask(request("POST", "/api/echo", kJson, body)).body, body);
}

TEST_F(ServerTest, RefusesABodyWithoutALength) {
    start();
    EXPECT_EQ(ask(request("POST", "/api/echo", kJson)).status, 411);
}

TEST_F(ServerTest, RefusesABodyThatIsNotWanted) {
    start();
    const Response response = ask(request("GET", "/plain", {}, "body"));
    EXPECT_EQ(response.status, 400);
    EXPECT_NE(response.body.find("body_not_wanted"), std::string::npos);
}

TEST_F(ServerTest, RefusesOtherContentTypes) {
    RawClient client(start().port());
    EXPECT_EQ(client.ask(request("POST", "/api/echo", "Content-Type: text/plain\r\n", "x")).status,
              415);
    EXPECT_EQ(client.ask(request("POST", "/api/echo", {}, "x")).status, 415);
    EXPECT_EQ(
        client.ask(request("POST", "/api/echo", "Content-Type: application/x-ndjson\r\n", "x"))
            .status,
        415);
    EXPECT_EQ(client
                  .ask(request("POST", "/api/echo",
                               "Content-Type: Application/JSON; charset=utf-8\r\n", "x"))
                  .status,
              200);
}

TEST_F(ServerTest, ContinuesWhenExpected) {
    RawClient client(start().port());
    const std::string headers =
        "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n";
    EXPECT_EQ(client.ask(request("POST", "/api/echo", headers)).status, 100);
    EXPECT_EQ(client.ask("ok").body, "ok");
    EXPECT_EQ(once(server_->port(), request("POST", "/api/nowhere", headers)).status, 404);
    EXPECT_EQ(ask(request("GET", "/plain", "Expect: tea\r\n")).status, 417);
}

TEST_F(ServerTest, RefusesMalformedRequests) {
    start();
    for (const std::string_view bytes :
         {"rubbish\r\n\r\n", "GET /plain HTTP/9.9\r\n\r\n", "GET /plain HTTP/1.1\r\n\r\n",
          "GET /plain HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
          "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a%00b HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", "GET plain HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
          "Transfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        EXPECT_EQ(ask(bytes).status, 400) << bytes;
    }
}

TEST_F(ServerTest, DoesNotTakeTwoLengths) {
    start();
    const Response response =
        ask("POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Type: "
            "application/json\r\nContent-Length: 3\r\n"
            "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(response.status, 400);
}

TEST_F(ServerTest, TellsASlowHeader) {
    ServerOptions options;
    options.header = std::chrono::milliseconds(80);
    RawClient client(start(options).port());
    client.send("GET /plain HTTP/1.1\r\nHo");
    const Response response = client.receive();
    EXPECT_EQ(response.status, 408);
    EXPECT_NE(response.body.find("header_timeout"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, TellsASlowBody) {
    ServerOptions options;
    options.body = std::chrono::milliseconds(80);
    RawClient client(start(options).port());
    client.send(
        request("POST", "/api/echo", "Content-Type: application/json\r\nContent-Length: 10\r\n") +
        "half");
    const Response response = client.receive();
    EXPECT_EQ(response.status, 408);
    EXPECT_NE(response.body.find("body_timeout"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, ClosesAnIdleConnectionWithoutAWord) {
    ServerOptions options;
    options.keep_alive = std::chrono::milliseconds(80);
    options.header = std::chrono::milliseconds(80);
    RawClient used(start(options).port());
    EXPECT_EQ(used.ask(request("GET", "/plain")).status, 200);
    EXPECT_TRUE(used.is_closed());
    RawClient unused(server_->port());
    EXPECT_TRUE(unused.is_closed());
}

TEST_F(ServerTest, TellsWhoeverComesBeyondTheLimit) {
    ServerOptions options;
    options.connections_max = 2;
    start(options);
    RawClient first(server_->port());
    RawClient second(server_->port());
    EXPECT_EQ(first.ask(request("GET", "/plain")).status, 200);
    EXPECT_EQ(second.ask(request("GET", "/plain")).status, 200);
    RawClient third(server_->port());
    const Response refused = third.ask(request("GET", "/plain"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_TRUE(refused.headers.contains("retry-after"));
    EXPECT_TRUE(third.is_closed());
    EXPECT_EQ(first.ask(request("GET", "/plain")).status, 200);
}

TEST_F(ServerTest, AnswersOldClientsInTheirWay) {
    RawClient client(start().port());
    client.send("GET /plain HTTP/1.0\r\n\r\n");
    const Response response = client.receive();
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.head.starts_with("HTTP/1.0"));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerTest, AnswersForAHandlerThatThrowsOrForgets) {
    start();
    for (const char* path : {"/throws", "/forgets"}) {
        const Response response = ask(request("GET", path));
        EXPECT_EQ(response.status, 500) << path;
        EXPECT_NE(response.body.find("internal_error"), std::string::npos);
        EXPECT_EQ(response.body.find("secret-of-the-body"), std::string::npos);
    }
}

TEST_F(ServerTest, LivesOnAfterASmallRefusedBody) {
    RawClient client(start().port());
    EXPECT_EQ(client.ask(request("POST", "/api/none", kJson, "unread")).status, 404);
    EXPECT_EQ(client.ask(request("GET", "/plain")).status, 200);
}

TEST_F(ServerTest, SurvivesClientsThatLeaveAtEveryByte) {
    start();
    const std::string whole = request("POST", "/api/echo", kJson, "{\"a\":1}");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        RawClient client(server_->port());
        client.send(whole.substr(0, size));
    }
    EXPECT_EQ(ask(whole).status, 200);
}

TEST_F(ServerTest, SurvivesMutatedRequests) {
    ServerOptions options;
    options.header = options.body = std::chrono::milliseconds(30);
    start(options);
    const std::string whole =
        request("POST", "/api/echo?a=b%20c",
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"
                "Cookie: a=b; decklog_session=dlk_1_x\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n") +
        "3\r\nabc\r\n0\r\n\r\n";
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 400; ++round) {
        std::string bytes = whole;
        for (int i = 0; i < 3; ++i) {
            const std::size_t at = random() % bytes.size();
            if (random() % 2 == 0) {
                bytes[at] = static_cast<char>(random() % 256);
            } else {
                bytes.insert(at, 1, static_cast<char>(random() % 256));
            }
        }
        RawClient client(server_->port());
        client.send(bytes);
        if (round % 4 != 0) continue;  // most clients leave without listening
        const int status = client.receive().status;
        EXPECT_TRUE(status == 0 || status == 200 || (status >= 400 && status < 500)) << bytes;
    }
    EXPECT_EQ(ask(request("GET", "/plain")).status, 200);
}

TEST_F(ServerTest, CountsEveryRefusalUnderItsCode) {
    start();
    ask(request("GET", "/api/none"));
    ask(request("POST", "/api/echo", {}, "x"));
    ask(request("GET", "/plain"));
    // A request is counted once its answer is written, which its client may see first.
    const std::vector<std::string> lines{
        "decklog_refusals_total{code=\"not_found\"} 1",
        "decklog_refusals_total{code=\"unsupported_media_type\"} 1",
        "decklog_http_requests_total{route=\"unmatched\",status=\"404\"} 1",
        "decklog_http_requests_total{route=\"/plain\",status=\"200\"} 1"};
    for (const std::string& line : lines) {
        bool is_counted = false;
        for (int i = 0; i < 200 && !is_counted; ++i) {
            is_counted = app_.metrics().text().find(line) != std::string::npos;
            if (!is_counted) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        EXPECT_TRUE(is_counted) << line;
    }
}

TEST_F(ServerTest, MovesWebhooksToTheirOwnAddress) {
    app_.add(echo_route(Method::get, "/live", 0));
    app_.add(echo_route(Method::get, "/hooks/test", 0));
    ServerOptions options;
    options.hooks_listen = Address{"127.0.0.1", 0};
    start(options);
    const std::uint16_t hooks = server_->server().hooks_address()->port;
    EXPECT_EQ(once(hooks, request("GET", "/hooks/test")).status, 200);
    EXPECT_EQ(once(hooks, request("GET", "/live")).status, 200);
    EXPECT_EQ(once(hooks, request("GET", "/plain")).status, 404);
    EXPECT_EQ(ask(request("GET", "/hooks/test")).status, 404);
    EXPECT_EQ(ask(request("GET", "/plain")).status, 200);
}

TEST_F(ServerTest, RefusesAParameterOfAWriteThatTakesNone) {
    SmallApp app;
    app.add(echo_route(Method::post, "/api/echo", 1'024));
    const RunningServer server(app);
    RawClient client(server.port());
    const Response refused = client.ask(
        "POST /api/echo?dryRun=true HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find("unknown_parameter"), std::string::npos) << refused.body;
    EXPECT_NE(refused.body.find("dryRun"), std::string::npos) << refused.body;
}

TEST_F(ServerTest, TakesAHeaderUpToItsLimitAndNotAByteMore) {
    start();
    const std::string empty = request("GET", "/plain", "X-Long: \r\n");
    for (const int over : {-1, 0, 1, 2, 48, 60}) {
        const std::size_t size =
            static_cast<std::size_t>(static_cast<int>(limits::kHeaderBytesMax) + over);
        const std::string header =
            request("GET", "/plain", "X-Long: " + std::string(size - empty.size(), 'x') + "\r\n");
        ASSERT_EQ(header.size(), size);
        EXPECT_EQ(ask(header).status, over > 0 ? 431 : 200) << over;
    }
}

TEST_F(ServerTest, ABodyThatIsOptionalMayBeMissingWhateverItsType) {
    SmallApp app;
    Route optional = echo_route(Method::post, "/api/optional", 1'024);
    optional.body_optional = true;
    app.add(std::move(optional));
    const RunningServer server(app);
    RawClient client(server.port());
    for (const std::string_view more :
         {"", "Content-Length: 0\r\n",
          "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n"}) {
        EXPECT_EQ(client.ask(request("POST", "/api/optional", more)).status, 200) << more;
    }
    EXPECT_EQ(client.ask(request("POST", "/api/optional", kJson, "{}")).body, "{}");
    EXPECT_EQ(
        client.ask(request("POST", "/api/optional", "Content-Type: text/plain\r\n", "{}")).status,
        415);
}

TEST_F(ServerTest, ALongAnswerIsSentForAsLongAsItsClientReads) {
    constexpr std::size_t kAnswerBytes = 24 * 1024 * 1024;  // more than the kernel takes at once
    Route large;
    large.path = "/large";
    large.access = Access::open;
    large.handle = [](const Request&, const Reply& reply) {
        Answer answer;
        answer.body = std::string(kAnswerBytes, 'x');
        reply(std::move(answer));
    };
    app_.add(std::move(large));
    ServerOptions options;
    options.write = std::chrono::milliseconds(1'500);
    RawClient reading(start(options).port());
    reading.send(request("GET", "/large"));
    std::size_t taken = 0;
    for (int turn = 0; turn < 16; ++turn) {  // longer than the deadline
        std::this_thread::sleep_for(std::chrono::milliseconds(130));
        taken += reading.take_some(1024 * 1024);
    }
    while (const std::size_t more = reading.take_some(1024 * 1024)) {
        taken += more;
        if (taken >= kAnswerBytes) break;
    }
    EXPECT_GE(taken, kAnswerBytes);
    RawClient idle(server_->port());
    idle.send(request("GET", "/large"));
    std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
    std::size_t rest = 0;
    while (const std::size_t more = idle.take_some(1024 * 1024)) rest += more;
    EXPECT_LT(rest, kAnswerBytes) << "whoever takes nothing is closed";
}

}  // namespace decklog::api::server_test
