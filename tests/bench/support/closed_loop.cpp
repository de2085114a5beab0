#include "tests/bench/support/closed_loop.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace decklog::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kEventsMax = 64;
constexpr int kPatienceMs = 10'000;
constexpr std::string_view kGood = "HTTP/1.1 20";  // 200 and 201
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kLength = "\r\ncontent-length:";

struct Connection {
    int fd = -1;
    Clock::time_point sent;
    std::string answer;
};

int connect_to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    return fd;
}

/// Has the whole answer come? Answers without a Content-Length have no body here.
bool is_whole(const std::string& answer) {
    const std::size_t head_end = answer.find(kHeadEnd);
    if (head_end == std::string::npos) return false;
    std::string head = answer.substr(0, head_end);
    for (char& c : head) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::size_t at = head.find(kLength);
    const std::size_t length =
        at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + kLength.size(), nullptr, 10);
    return answer.size() >= head_end + kHeadEnd.size() + length;
}

class Loop {
  public:
    Loop(std::uint16_t port, std::size_t connections, std::span<const std::string> requests,
         double seconds)
        : requests_(requests), connections_(connections) {
        epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
        for (std::size_t i = 0; i < connections; ++i) {
            connections_[i].fd = connect_to(port);
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            wanted.data.u64 = i;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &wanted);
        }
        until_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                    std::chrono::duration<double>(seconds));
    }
    ~Loop() {
        for (const Connection& each : connections_) ::close(each.fd);
        ::close(epoll_);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    LoadResult run() {
        const auto start = Clock::now();
        for (Connection& each : connections_) send_next(each);
        while (in_flight_ > 0) {
            std::array<epoll_event, kEventsMax> ready{};
            const int count = ::epoll_wait(epoll_, ready.data(), kEventsMax, kPatienceMs);
            if (count <= 0) break;
            for (int i = 0; i < count; ++i)
                receive(connections_[ready[static_cast<std::size_t>(i)].data.u64]);
        }
        result_.failed += in_flight_;
        result_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
        return std::move(result_);
    }

  private:
    void send_next(Connection& connection) {
        connection.sent = Clock::now();
        if (next_ == requests_.size() || connection.sent >= until_) return;
        const std::string& request = requests_[next_++];
        connection.answer.clear();
        ++in_flight_;
        // Smaller than any socket buffer, and the last one was answered: taken at once.
        const ssize_t sent = ::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(request.size())) give_up(connection);
    }

    void receive(Connection& connection) {
        std::array<char, 4096> bytes{};
        const ssize_t got = ::recv(connection.fd, bytes.data(), bytes.size(), 0);
        if (got <= 0) return give_up(connection);
        connection.answer.append(bytes.data(), static_cast<std::size_t>(got));
        if (!is_whole(connection.answer)) return;
        --in_flight_;
        const std::chrono::duration<double, std::milli> taken = Clock::now() - connection.sent;
        result_.latencies_ms.push_back(taken.count());
        if (!connection.answer.starts_with(kGood) && result_.failed++ == 0)
            std::fprintf(stderr, "an answer was a refusal: %s\n", connection.answer.c_str());
        send_next(connection);
    }

    void give_up(const Connection& connection) {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.fd, nullptr);
        --in_flight_;
        ++result_.failed;
    }

    const std::span<const std::string> requests_;
    std::vector<Connection> connections_;
    Clock::time_point until_;
    int epoll_ = -1;
    std::size_t next_ = 0;
    std::size_t in_flight_ = 0;
    LoadResult result_;
};

}  // namespace

LoadResult closed_loop(std::uint16_t port, std::size_t connections,
                       std::span<const std::string> requests, double seconds) {
    return Loop(port, connections, requests, seconds).run();
}

}  // namespace decklog::bench
