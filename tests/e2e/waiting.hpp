// Waiting for what comes in its own time, without a time that a test asserts. Header only.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace decklog::e2e {

/// False: it did not come about even in a time that is long on a crowded machine.
[[nodiscard]] inline bool waits_for(const std::function<bool()>& condition,
                                    std::chrono::seconds patience = std::chrono::seconds(60)) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace decklog::e2e
