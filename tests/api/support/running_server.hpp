// A server on a port of its own, and a client that speaks raw bytes, so that a test can say what no
// HTTP library would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "api/server.hpp"

namespace decklog::api::testing {

class RunningServer {
  public:
    explicit RunningServer(App& app, ServerOptions options = {}) {
        options.listen = {"127.0.0.1", 0};
        options.tick = std::chrono::milliseconds(10);
        server_ = std::move(*Server::open(app, options));
        thread_ = std::thread([this] { server_->run(); });
    }
    ~RunningServer() {
        server_->stop();
        wait();
    }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    [[nodiscard]] Server& server() { return *server_; }
    [[nodiscard]] std::uint16_t port() const { return server_->address().port; }
    void wait() {
        if (thread_.joinable()) thread_.join();
    }

  private:
    std::unique_ptr<Server> server_;
    std::thread thread_;
};

struct Response {
    int status = 0;  // 0: the connection ended first
    std::string head;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class RawClient {
  public:
    /// `host`: from 127.0.0.host. Each has ports of its own, of which connections that are over
    /// keep theirs for a minute.
    explicit RawClient(std::uint16_t port, std::uint8_t host = 1)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const int yes = 1;
        ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1U + host);
        is_connected_ = ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ = is_connected_ &&
                        ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawClient() { ::close(fd_); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    [[nodiscard]] bool is_connected() const { return is_connected_; }

    /// False when the server has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void shut() { ::shutdown(fd_, SHUT_RDWR); }
    void end_sending() { ::shutdown(fd_, SHUT_WR); }

    /// One answer; a chunked body is joined.
    Response receive(bool has_body = true) {
        Response response;
        const std::size_t end = fill_until("\r\n\r\n");
        if (end == std::string::npos) return response;
        response.head = take(end + 4);
        parse_head(response);
        if (!has_body || response.status == 204 || response.status == 100) return response;
        if (response.headers["transfer-encoding"] == "chunked") {
            while (auto chunk = receive_chunk()) response.body += *chunk;
        } else if (response.headers.contains("content-length")) {
            const auto length = std::stoul(response.headers["content-length"]);
            while (buffer_.size() < length && fill()) {
            }
            response.body = take(std::min(length, buffer_.size()));
        } else {
            while (fill()) {
            }
            response.body = take(buffer_.size());
        }
        return response;
    }
    /// Nullopt: the last chunk, or the end.
    std::optional<std::string> receive_chunk() {
        const std::size_t end = fill_until("\r\n");
        if (end == std::string::npos) return std::nullopt;
        const auto size = std::stoul(take(end + 2), nullptr, 16);
        while (buffer_.size() < size + 2 && fill()) {
        }
        std::string chunk = take(std::min(size, buffer_.size()));
        static_cast<void>(take(std::min<std::size_t>(2, buffer_.size())));
        if (size == 0) return std::nullopt;
        return chunk;
    }
    Response ask(std::string_view bytes, bool has_body = true) {
        send(bytes);
        return receive(has_body);
    }
    /// Reads and forgets at most so many bytes; 0: the end, or nothing for five seconds.
    std::size_t take_some(std::size_t bytes_max) {
        pollfd waiting{fd_, POLLIN, 0};
        if (::poll(&waiting, 1, 5'000) <= 0) return 0;
        std::string bytes(bytes_max, '\0');
        const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), 0);
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    /// Does what comes end in these bytes, when the server has closed?
    bool ends_with(std::string_view bytes) { return is_closed() && buffer_.ends_with(bytes); }
    /// Has the server closed, within two seconds?
    bool is_closed() {
        while (fill(2'000)) {
        }
        return has_ended_;
    }

  private:
    bool fill(int timeout_ms = 5'000) {
        pollfd waiting{fd_, POLLIN, 0};
        int ready = 0;
        do {
            ready = ::poll(&waiting, 1, timeout_ms);
        } while (ready < 0 && errno == EINTR);  // a fuzzer's clock rings
        if (ready <= 0) return false;
        char bytes[65'536];
        const ssize_t size = ::recv(fd_, bytes, sizeof bytes, 0);
        if (size <= 0) has_ended_ = true;
        if (size <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }
    std::size_t fill_until(std::string_view mark) {
        while (buffer_.find(mark) == std::string::npos) {
            if (!fill()) return std::string::npos;
        }
        return buffer_.find(mark);
    }
    std::string take(std::size_t size) {
        std::string taken = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return taken;
    }
    static void parse_head(Response& response) {
        std::string_view head = response.head;
        response.status = std::stoi(std::string(head.substr(9, 3)));
        head.remove_prefix(head.find("\r\n") + 2);
        while (!head.starts_with("\r\n")) {
            const std::string_view line = head.substr(0, head.find("\r\n"));
            std::string name(line.substr(0, line.find(':')));
            std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            response.headers[name] = line.substr(line.find(':') + 2);
            head.remove_prefix(line.size() + 2);
        }
    }

    int fd_;
    bool is_connected_ = false;
    bool has_ended_ = false;
    std::string buffer_;
};

/// `GET /path` with the headers given as lines that each end in CRLF.
inline std::string request(std::string_view verb, std::string_view target,
                           std::string_view headers = {}, std::string_view body = {}) {
    std::string text(verb);
    text.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(headers);
    if (!body.empty())
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    return text.append("\r\n").append(body);
}

inline Response once(std::uint16_t port, std::string_view bytes) {
    return RawClient(port).ask(bytes);
}

}  // namespace decklog::api::testing
