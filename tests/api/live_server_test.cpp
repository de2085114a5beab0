// The live stream over sockets: clients that read slowly or not at all, tokens that end meanwhile,
// the limit of streams, and what all of them cost. Tokens serve as events: each is one.
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <optional>
#include <vector>

#include "api/queries/limits.hpp"
#include "api/routes/routes.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::live_server_test {

using namespace decklog::api::testing;

constexpr int kSmallBuffer = 4 * 1024;
constexpr std::size_t kManyEvents = 3'000;  // more than the buffers of two kernels hold

/// A client with a small receive buffer, that reads when it is told to.
class Reader {
  public:
    Reader(std::uint16_t port, const std::string& token, const std::string& query)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof kSmallBuffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        const std::string text =
            request("GET", "/api/events/live" + query, "Authorization: Bearer " + token + "\r\n");
        EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }
    ~Reader() { ::close(fd_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// At most so many bytes; false at the end, or when nothing comes for five seconds.
    bool read(std::size_t bytes) {
        pollfd waiting{fd_, POLLIN, 0};
        if (::poll(&waiting, 1, 5'000) <= 0) return false;
        std::string piece(bytes, '\0');
        const ssize_t size = ::recv(fd_, piece.data(), piece.size(), 0);
        if (size <= 0) return false;
        text_.append(piece, 0, static_cast<std::size_t>(size));
        return true;
    }
    /// Ordinals of the events that came whole, chunk marks taken out.
    [[nodiscard]] std::vector<std::uint64_t> ordinals() const {
        std::vector<std::uint64_t> all;
        for (auto at = text_.find("\nid: "); at != std::string::npos;
             at = text_.find("\nid: ", at + 1)) {
            const auto end = text_.find('\n', at + 1);
            if (end == std::string::npos || text_.compare(end + 1, 6, "data: ") != 0) continue;
            const auto colon = text_.find(':', at + 5);
            all.push_back(std::stoull(text_.substr(colon + 1, end - colon - 1)));
        }
        return all;
    }
    [[nodiscard]] std::size_t bytes() const { return text_.size(); }
    [[nodiscard]] bool has(std::string_view text) const {
        return text_.find(text) != std::string::npos;
    }
    [[nodiscard]] std::uint16_t port() const {
        sockaddr_in address{};
        socklen_t length = sizeof address;
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
        return ntohs(address.sin_port);
    }

  private:
    int fd_;
    std::string text_;
};

class LiveServer : public ::testing::Test {
  protected:
    LiveServer() { app_.add(live_routes(app_.core())); }

    RunningServer& start(ServerOptions options = {}) {
        server_ = std::make_unique<RunningServer>(app_, options);
        return *server_;
    }
    void write(std::size_t count) {
        std::vector<store::Submission> submissions;
        for (std::size_t i = 0; i < count; ++i) {
            TokenWish wish;
            wish.role = "viewer";
            wish.name = std::string(100, 'n');
            submissions.push_back(
                create_token_submission(app_.core(), wish, order_at(app_.clock().now_us()))
                    .submission);
        }
        static_cast<void>(store::submit_and_wait(*app_.core().ledger, 0, std::move(submissions)));
    }
    std::uint64_t next() { return app_.core().ledger->head(0).next_ordinal; }
    double metric(const std::string& name) {
        const std::string text = app_.metrics().text();
        const auto at = text.find("\n" + name + " ");
        return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
    }
    bool becomes(const std::string& name, double value) {
        for (int i = 0; i < 500 && metric(name) != value; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return metric(name) == value;
    }
    std::vector<std::uint64_t> ordinals(std::uint64_t from, std::uint64_t to) {
        std::vector<std::uint64_t> all;
        for (; from < to; ++from) all.push_back(from);
        return all;
    }

    SmallApp app_;
    std::unique_ptr<RunningServer> server_;
};

TEST_F(LiveServer, ClosesAReaderThatTakesNothingAndKeepsNothingForIt) {
    const std::string token = app_.token(Role::admin);
    write(kManyEvents);
    ServerOptions options;
    options.write = std::chrono::milliseconds(300);
    Reader reader(start(options).port(), token, "?cursor=0:0");
    EXPECT_TRUE(becomes("decklog_http_streams", 1));
    EXPECT_TRUE(becomes("decklog_live_ended_total{reason=\"stalled\"}", 1));
    EXPECT_TRUE(becomes("decklog_http_streams", 0));
    EXPECT_TRUE(becomes("decklog_live_pending_bytes", 0));
}

TEST_F(LiveServer, ServesASlowReaderForAsLongAsItReads) {
    const std::string token = app_.token(Role::admin);
    write(kManyEvents);
    const std::uint64_t last = next();
    ServerOptions options;
    options.write = std::chrono::milliseconds(400);
    Reader reader(start(options).port(), token, "?cursor=0:0");
    std::size_t most_pending = 0;
    // Slower than a piece in the deadline: 8 KiB every 10 ms, and a piece is half a megabyte.
    while (reader.ordinals().empty() || reader.ordinals().back() + 1 < last) {
        ASSERT_TRUE(reader.read(16 * 1024)) << "closed after " << reader.bytes() << " bytes";
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        most_pending =
            std::max(most_pending, static_cast<std::size_t>(metric("decklog_live_pending_bytes")));
    }
    EXPECT_EQ(reader.ordinals(), ordinals(1, last));
    EXPECT_GT(most_pending, 0U);
    EXPECT_LT(most_pending, limits::kLivePieceBytes + 16 * 1024) << "one piece, whatever is behind";
}

TEST_F(LiveServer, AFastReaderDoesNotWaitForThoseThatDoNotRead) {
    const std::string token = app_.token(Role::admin);
    write(kManyEvents);
    start();
    std::vector<std::unique_ptr<Reader>> stuck;
    for (int i = 0; i < 20; ++i)
        stuck.push_back(std::make_unique<Reader>(server_->port(), token, "?cursor=0:0"));
    EXPECT_TRUE(becomes("decklog_http_streams", 20));
    const std::uint64_t first = next();
    Reader fast(server_->port(), token, "?cursor=0:" + std::to_string(first - 1));
    write(200);  // and the writer does not wait either
    while (fast.ordinals().size() < 200) ASSERT_TRUE(fast.read(64 * 1024));
    EXPECT_EQ(fast.ordinals(), ordinals(first, first + 200));
    EXPECT_LE(metric("decklog_live_pending_bytes"),
              static_cast<double>(21 * (limits::kLivePieceBytes + 16 * 1024)));
}

TEST_F(LiveServer, BoundsWhatTheKernelKeepsAndHowLongItTries) {
    const std::string token = app_.token(Role::admin);
    Reader reader(start().port(), token, "");
    while (!reader.has("retry: ")) ASSERT_TRUE(reader.read(1'024));
    // The server's end of the connection is a descriptor of this process.
    std::optional<int> found;
    for (int fd = 3; fd < 1'024 && !found; ++fd) {
        sockaddr_in peer{};
        socklen_t length = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) == 0 &&
            ntohs(peer.sin_port) == reader.port())
            found = fd;
    }
    ASSERT_TRUE(found);
    int value = 0;
    socklen_t length = sizeof value;
    ASSERT_EQ(::getsockopt(*found, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &length), 0);
    EXPECT_EQ(value, std::chrono::milliseconds(limits::kWriteDeadline).count());
    ASSERT_EQ(::getsockopt(*found, SOL_SOCKET, SO_SNDBUF, &value, &length), 0);
    EXPECT_LE(value, 2 * limits::kStreamSendBufferBytes) << "Linux doubles what it is told";
}

TEST_F(LiveServer, EndsWithItsTokenInTheMiddleOfAPiece) {
    const std::string token = app_.token(Role::admin, 60'000'000);
    write(kManyEvents);
    Reader reader(start().port(), token, "?cursor=0:0");
    while (reader.ordinals().size() < 3) ASSERT_TRUE(reader.read(1'024));
    app_.clock().advance(61'000'000);
    EXPECT_TRUE(becomes("decklog_live_ended_total{reason=\"token\"}", 1));
    while (reader.read(64 * 1024)) {
    }
    EXPECT_LT(reader.ordinals().size(), kManyEvents);
}

TEST_F(LiveServer, ShowsNothingThatCameAfterTheRevocation) {
    TokenWish wish;
    wish.role = "viewer";
    wish.name = "watcher";
    const auto token = app_.record(wish);
    start();
    for (int round = 0; round < 5; ++round) {
        const auto mine = app_.record(wish);
        Reader reader(server_->port(), mine.text, "");
        ASSERT_TRUE(reader.read(1'024));
        write(10);
        app_.revoke(mine.id);
        const std::uint64_t revoked = next();
        write(10);
        while (reader.read(64 * 1024)) {
        }
        const auto seen = reader.ordinals();
        EXPECT_TRUE(seen.empty() || seen.back() < revoked) << seen.back() << " and " << revoked;
    }
}

TEST_F(LiveServer, TellsProxiesNotToGather) {
    const std::string token = app_.token(Role::admin);
    RawClient client(start().port());
    client.send(request("GET", "/api/events/live", "Authorization: Bearer " + token + "\r\n"));
    const Response head = client.receive(false);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.headers.at("x-accel-buffering"), "no");
    EXPECT_EQ(head.headers.at("cache-control"), "no-store");
}

}  // namespace decklog::api::live_server_test
