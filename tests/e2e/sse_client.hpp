// A reader of the live stream over a bare socket, with its own pace: it stops reading, leaves in
// the middle of an event and comes back with `Last-Event-ID`, as browsers do. One thread. Header
// only.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace decklog::e2e {

class SseClient {
  public:
    SseClient(std::uint16_t port, std::string token, std::string query)
        : port_(port), token_(std::move(token)), query_(std::move(query)) {}
    ~SseClient() { leave(); }
    SseClient(const SseClient&) = delete;
    SseClient& operator=(const SseClient&) = delete;

    /// Connects, after the last id if there is one. The answer's status; 0: none came.
    int connect() {
        leave();
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port_);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
        std::string request = "GET /api/events/live" + query_ +
                              " HTTP/1.0\r\nAuthorization: Bearer " + token_ + "\r\n";
        if (!last_id_.empty()) request += "Last-Event-ID: " + last_id_ + "\r\n";
        request += "\r\n";
        if (::send(fd_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return 0;
        while (text_.find("\r\n\r\n") == std::string::npos) {
            if (!fill(64 * 1024, 5'000)) return 0;
        }
        const int status = std::stoi(text_.substr(9, 3));
        text_.erase(0, text_.find("\r\n\r\n") + 4);
        return status;
    }
    void leave() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
        text_.clear();  // an event that did not come whole never happened
    }
    /// Reads at most `bytes`, waiting so long for the first of them. False: the stream has ended.
    bool read(std::size_t bytes, int wait_ms) {
        if (!fill(bytes, wait_ms)) return !has_ended_;
        for (auto end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
            take(text_.substr(0, end + 1));
            text_.erase(0, end + 2);
        }
        return true;
    }
    /// Goes on where another one stopped.
    void resume(const SseClient& other) { last_id_ = other.last_id_; }
    /// Keeps what comes from now on, as it came.
    void keep_text() { keeps_text_ = true; }
    [[nodiscard]] const std::string& kept_text() const { return kept_text_; }
    /// Ordinals of all events, over all connections.
    [[nodiscard]] const std::vector<std::uint64_t>& seen() const { return seen_; }
    /// The place that an event or a comment told last.
    [[nodiscard]] std::uint64_t place() const {
        return last_id_.empty() ? 0 : std::stoull(last_id_.substr(last_id_.find(':') + 1));
    }

  private:
    bool fill(std::size_t bytes, int wait_ms) {
        has_ended_ = false;
        pollfd waiting{fd_, POLLIN, 0};
        if (::poll(&waiting, 1, wait_ms) <= 0) return false;
        const std::size_t before = text_.size();
        text_.resize(before + bytes);
        const ssize_t got = ::recv(fd_, text_.data() + before, bytes, 0);
        text_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
        has_ended_ = got <= 0;
        return got > 0;
    }
    void take(const std::string& block) {
        if (keeps_text_) kept_text_ += block;
        const auto id = block.find("id: ");
        if (id == std::string::npos) return;
        last_id_ = block.substr(id + 4, block.find('\n', id) - id - 4);
        if (block.find("data: ") != std::string::npos) seen_.push_back(place());
    }

    std::uint16_t port_;
    std::string token_;
    std::string query_;
    int fd_ = -1;
    bool has_ended_ = false;
    bool keeps_text_ = false;
    std::string kept_text_;
    std::string text_;
    std::string last_id_;
    std::vector<std::uint64_t> seen_;
};

}  // namespace decklog::e2e
