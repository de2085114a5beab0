// Commands as a script sees them: whom they ask, exit codes, and what stands on both outputs.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "store/directory/directory.hpp"
#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/command_line.hpp"

namespace decklog::cli::command_test {

/// Answers every request with the same bytes and counts them.
class Listener {
  public:
    explicit Listener(const std::string& status, const std::string& body = {})
        : answer_("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body),
          socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this] { serve(); });
    }
    ~Listener() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] int asked() const { return asked_; }

  private:
    void serve() {
        while (true) {
            const int peer = ::accept(socket_, nullptr, nullptr);
            if (peer < 0) return;
            ++asked_;
            char request[16'384];
            static_cast<void>(::recv(peer, request, sizeof request, 0));
            static_cast<void>(::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL));
            ::shutdown(peer, SHUT_WR);
            while (::recv(peer, request, sizeof request, 0) > 0) {
            }
            ::close(peer);
        }
    }
    std::string answer_, url_;
    int socket_;
    std::atomic<int> asked_ = 0;
    std::thread thread_;
};

struct Said {
    int exit_code;
    std::string out, err;
};

Said run_words(std::vector<std::string> words) {
    words.insert(words.begin(), "decklog");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run(static_cast<int>(argv.size()), argv.data());
    std::string out = testing::internal::GetCapturedStdout();
    return {code, std::move(out), testing::internal::GetCapturedStderr()};
}

class Command : public testing::Test {
  protected:
    [[nodiscard]] std::string data() const { return (folder_.path() / "data").string(); }
    void leave_server_file(const std::string& url) const {
        ASSERT_TRUE(store::write_server_file(data(), {url, ::getpid(), "dlk_secret"}));
    }
    store::TemporaryDirectory folder_;
};

TEST_F(Command, AsksTheServerThatHoldsTheLock) {
    const Listener server("200 OK");
    const auto lock = store::Directory::open(data(), std::chrono::milliseconds(0));
    ASSERT_TRUE(lock);
    leave_server_file(server.url());
    EXPECT_NE(running_server({data(), {}, {}}), nullptr);
    EXPECT_EQ(server.asked(), 1);
}

TEST_F(Command, AsksNobodyWhenTheServerOfTheFileIsGone) {
    const Listener stranger("200 OK");
    { ASSERT_TRUE(store::Directory::open(data(), std::chrono::milliseconds(0))); }
    leave_server_file(stranger.url());
    EXPECT_EQ(run_words({"verify", "--data", data()}).exit_code, 0) << "the files are opened";
    EXPECT_EQ(stranger.asked(), 0);
    EXPECT_FALSE(std::filesystem::exists(data() + "/server.json")) << "whose it was runs no more";
}

TEST_F(Command, AsksNobodyWhenAnotherProcessHoldsTheLock) {
    const Listener stranger("200 OK");
    const auto lock = store::Directory::open(data(), std::chrono::milliseconds(0));
    ASSERT_TRUE(lock);
    ASSERT_TRUE(store::write_server_file(data(), {stranger.url(), ::getpid() + 1, "dlk_secret"}));
    EXPECT_EQ(running_server({data(), {}, {}}), nullptr);
    EXPECT_EQ(stranger.asked(), 0);
}

TEST_F(Command, RefusesABeginningBeyondTheLog) {
    { ASSERT_TRUE(store::Directory::open(data(), std::chrono::milliseconds(0))); }
    const std::string copy = (folder_.path() / "copy").string();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"events"}, std::vector<std::string>{"export", copy}}) {
        std::vector<std::string> beyond = words;
        beyond.insert(beyond.end(), {"--from", "0:999", "--data", data()});
        const Said said = run_words(beyond);
        EXPECT_EQ(said.exit_code, 1) << said.out;
        EXPECT_TRUE(said.err.starts_with("decklog: beyond_the_log: ")) << said.err;
    }
    EXPECT_FALSE(std::filesystem::exists(copy));
}

}  // namespace decklog::cli::command_test
