#include "tests/e2e/follower.hpp"

#include <gtest/gtest.h>

#include "tests/e2e/waiting.hpp"

namespace decklog::e2e {

void Follower::follow(const Door& server) {
    const std::string port = server.url.substr(server.url.rfind(':') + 1);
    auto next = std::make_unique<SseClient>(static_cast<std::uint16_t>(std::stoi(port)),
                                            server.token, "?from=0:0");
    if (client_) next->resume(*client_);
    client_ = std::move(next);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Follower::leave() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
    for (const std::uint64_t ordinal : client_->seen()) {
        ASSERT_EQ(ordinal, next_) << "the live stream left out or repeated something";
        ++next_;
    }
}

void Follower::begin_anew() {
    client_.reset();
    next_ = 0;
    behind_ = 0;
}

bool Follower::reaches(std::uint64_t end) const {
    return waits_for([this, end] { return behind_ >= end; });
}

void Follower::run(const std::stop_token& stop) {
    constexpr int kWaitMs = 50;
    constexpr std::chrono::milliseconds kServerIsGone{20};
    bool is_connected = false;
    while (!stop.stop_requested()) {
        is_connected = is_connected || client_->connect() == 200;
        is_connected = is_connected && client_->read(64 * 1024, kWaitMs);
        if (!client_->seen().empty()) behind_ = client_->seen().back() + 1;
        if (!is_connected) std::this_thread::sleep_for(kServerIsGone);
    }
}

}  // namespace decklog::e2e
