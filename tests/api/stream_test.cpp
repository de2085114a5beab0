// Bodies produced piece by piece: flow control, clients that leave, tokens that end, and the drain
// that ends all.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::stream_test {

using namespace decklog::api::testing;

template <class Condition>
bool soon(Condition condition) {
    for (int i = 0; i < 500 && !condition(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

/// Hands out numbers; after `last`, waits for ever or ends.
struct Supply {
    std::atomic<int> asked{0};
    std::atomic<int> sources{0};
    int last = 3;
    bool ends = true;
    std::size_t padding = 0;
};

class NumberSource final : public BodySource {
  public:
    explicit NumberSource(std::shared_ptr<Supply> supply) : supply_(std::move(supply)) {
        ++supply_->sources;
    }
    ~NumberSource() override { --supply_->sources; }
    void next(std::function<void(std::optional<std::string>)> piece) override {
        const int number = ++supply_->asked;
        if (number <= supply_->last)
            return piece(std::to_string(number) + std::string(supply_->padding, '.') + "\n");
        if (supply_->ends) return piece(std::nullopt);
        waiting_ = std::move(piece);
    }

  private:
    std::shared_ptr<Supply> supply_;
    std::function<void(std::optional<std::string>)> waiting_;
};

class StreamTest : public ::testing::Test {
  protected:
    StreamTest() {
        for (const bool is_stream : {false, true}) {
            Route route;
            route.path = is_stream ? "/api/live" : "/api/numbers";
            route.access = is_stream ? Access::viewer : Access::open;
            route.is_stream = is_stream;
            route.handle = [supply = supply_](const Request&, const Reply& reply) {
                Answer answer;
                answer.content_type = "text/event-stream";
                answer.source = std::make_shared<NumberSource>(supply);
                reply(std::move(answer));
            };
            app_.add(std::move(route));
        }
    }
    RunningServer& start(ServerOptions options = {}) {
        server_ = std::make_unique<RunningServer>(app_, options);
        return *server_;
    }
    static std::string live(const std::string& token) {
        return request("GET", "/api/live", "Authorization: Bearer " + token + "\r\n");
    }

    std::shared_ptr<Supply> supply_ = std::make_shared<Supply>();
    SmallApp app_;
    std::unique_ptr<RunningServer> server_;
};

TEST_F(StreamTest, SendsThePiecesAndTheEnd) {
    RawClient client(start().port());
    const Response response = client.ask(request("GET", "/api/numbers"));
    EXPECT_EQ(response.headers.at("transfer-encoding"), "chunked");
    EXPECT_EQ(response.body, "1\n2\n3\n");
    EXPECT_TRUE(client.is_closed());
    EXPECT_TRUE(soon([this] { return supply_->sources == 0; }));
}

TEST_F(StreamTest, SendsOldClientsTheBareBody) {
    start();
    EXPECT_EQ(once(server_->port(), "GET /api/numbers HTTP/1.0\r\n\r\n").body, "1\n2\n3\n");
}

TEST_F(StreamTest, AsksForAPieceOnlyAfterTheOneBefore) {
    supply_->last = 1'000'000;
    supply_->padding = 100'000;
    RawClient client(start().port());
    client.send(request("GET", "/api/numbers"));
    EXPECT_TRUE(soon([this] { return supply_->asked > 0; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_LT(supply_->asked.load(), 200)
        << "nobody reads, so the kernel's buffers bound what is produced";
}

TEST_F(StreamTest, NoticesAClientThatLeavesAQuietStream) {
    supply_->ends = false;
    const std::string token = app_.token(Role::viewer);
    start();
    {
        RawClient client(server_->port());
        client.send(live(token));
        EXPECT_TRUE(soon([this] { return supply_->asked == supply_->last + 1; }));
        EXPECT_EQ(supply_->sources, 1);
    }
    EXPECT_TRUE(soon([this] { return supply_->sources == 0; }));
}

TEST_F(StreamTest, EndsWhenItsTokenIsRevoked) {
    supply_->ends = false;
    TokenWish wish;
    wish.role = "viewer";
    wish.name = "watcher";
    const auto token = app_.record(wish);
    RawClient client(start().port());
    client.send(live(token.text));
    EXPECT_TRUE(soon([this] { return supply_->asked == supply_->last + 1; }));
    app_.revoke(token.id);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(once(server_->port(), live(token.text)).status, 401);
}

TEST_F(StreamTest, EndsWhenItsTokenExpires) {
    supply_->ends = false;
    const std::string token = app_.token(Role::viewer, 60'000'000);
    RawClient client(start().port());
    client.send(live(token));
    EXPECT_TRUE(soon([this] { return supply_->asked == supply_->last + 1; }));
    app_.clock().advance(61'000'000);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(StreamTest, RefusesMoreStreamsThanItsLimitAndFreesThem) {
    supply_->ends = false;
    const std::string token = app_.token(Role::viewer);
    ServerOptions options;
    options.streams_max = 1;
    start(options);
    {
        RawClient first(server_->port());
        first.send(live(token));
        EXPECT_TRUE(soon([this] { return supply_->sources == 1; }));
        EXPECT_EQ(once(server_->port(), live(token)).status, 503);
    }
    EXPECT_TRUE(soon([this] { return supply_->sources == 0; }));
    RawClient second(server_->port());
    second.send(live(token));
    EXPECT_TRUE(soon([this] { return supply_->sources == 1; }));
}

TEST_F(StreamTest, RefusesHeadOfAStream) {
    start();
    const Response response = RawClient(server_->port()).ask(request("HEAD", "/api/live"), false);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.at("allow"), "GET");
}

TEST_F(StreamTest, DrainsListeningThenFinishingThenGone) {
    supply_->ends = false;
    std::function<void()> release;
    std::mutex mutex;
    Route slow;
    slow.path = "/slow";
    slow.access = Access::open;
    slow.handle = [&](const Request&, const Reply& reply) {
        const std::lock_guard lock(mutex);
        release = [reply] { reply(Answer{}); };
    };
    app_.add(std::move(slow));
    app_.add(echo_route(Method::get, "/plain", 0));
    const std::string token = app_.token(Role::viewer);
    ServerOptions options;
    options.drain = std::chrono::milliseconds(200);
    start(options);
    RawClient streaming(server_->port());
    streaming.send(live(token));
    RawClient waiting(server_->port());
    waiting.send(request("GET", "/slow"));
    RawClient idle(server_->port());
    EXPECT_EQ(idle.ask(request("GET", "/plain")).status, 200);
    EXPECT_TRUE(soon([&] {
        const std::lock_guard lock(mutex);
        return release && supply_->sources == 1;
    }));

    EXPECT_FALSE(app_.core().draining());
    server_->server().drain();
    EXPECT_TRUE(app_.core().draining());
    EXPECT_EQ(once(server_->port(), request("GET", "/plain")).status, 200) << "still listening";

    EXPECT_TRUE(streaming.is_closed());
    EXPECT_TRUE(idle.is_closed());
    EXPECT_FALSE(RawClient(server_->port()).is_connected());
    release();
    const Response last = waiting.receive();
    EXPECT_EQ(last.status, 200);
    EXPECT_EQ(last.headers.at("connection"), "close");
    server_->wait();
}

TEST_F(StreamTest, GivesUpOnWorkThatDoesNotFinish) {
    Route stuck;
    stuck.path = "/stuck";
    stuck.access = Access::open;
    std::vector<Reply> kept;
    std::atomic<bool> is_stuck{false};
    stuck.handle = [&kept, &is_stuck](const Request&, Reply reply) {
        kept.push_back(std::move(reply));
        is_stuck = true;
    };
    app_.add(std::move(stuck));
    ServerOptions options;
    options.drain = std::chrono::milliseconds(0);
    options.finish = std::chrono::milliseconds(100);
    RawClient client(start(options).port());
    client.send(request("GET", "/stuck"));
    EXPECT_TRUE(soon([&is_stuck] { return is_stuck.load(); }));
    server_->server().drain();
    server_->wait();
    server_.reset();
    kept.clear();  // a reply that outlives its server is let go without harm
}

TEST_F(StreamTest, ALiveStreamEndsWithItsLastChunk) {
    supply_->ends = false;
    TokenWish wish;
    wish.role = "viewer";
    wish.name = "watcher";
    const auto token = app_.record(wish);
    ServerOptions options;
    options.drain = std::chrono::milliseconds(0);
    start(options);
    RawClient revoked(server_->port());
    RawClient stopped(server_->port());
    revoked.send(live(token.text));
    stopped.send(live(app_.token(Role::viewer)));
    EXPECT_TRUE(soon([this] { return supply_->asked == 2 * (supply_->last + 1) - 3; }));
    app_.revoke(token.id);
    EXPECT_TRUE(revoked.ends_with("\r\n0\r\n\r\n"));
    server_->server().drain();
    EXPECT_TRUE(stopped.ends_with("\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, AStreamedAnswerInProgressIsFinishedAfterTheDrain) {
    supply_->ends = false;
    std::function<void(std::optional<std::string>)> waiting;
    std::mutex mutex;
    class Held final : public BodySource {
      public:
        Held(std::function<void(std::optional<std::string>)>& waiting, std::mutex& mutex)
            : waiting_(waiting), mutex_(mutex) {}
        void next(std::function<void(std::optional<std::string>)> piece) override {
            const std::lock_guard lock(mutex_);
            waiting_ = std::move(piece);
        }

      private:
        std::function<void(std::optional<std::string>)>& waiting_;
        std::mutex& mutex_;
    };
    Route held;
    held.path = "/held";
    held.access = Access::open;
    held.handle = [&](const Request&, const Reply& reply) {
        Answer answer;
        answer.source = std::make_shared<Held>(waiting, mutex);
        reply(std::move(answer));
    };
    app_.add(std::move(held));
    ServerOptions options;
    options.drain = std::chrono::milliseconds(0);
    RawClient client(start(options).port());
    client.send(request("GET", "/held"));
    const auto give = [&](std::optional<std::string> piece) {
        EXPECT_TRUE(soon([&] {
            const std::lock_guard lock(mutex);
            return waiting != nullptr;
        }));
        std::function<void(std::optional<std::string>)> taker;
        {
            const std::lock_guard lock(mutex);
            taker = std::exchange(waiting, nullptr);
        }
        taker(std::move(piece));
    };
    give("first,");
    server_->server().drain();
    EXPECT_TRUE(soon([this] { return !RawClient(server_->port()).is_connected(); }));
    give("second");
    give(std::nullopt);
    EXPECT_EQ(client.receive().body, "first,second");
    server_->wait();
}

}  // namespace decklog::api::stream_test
