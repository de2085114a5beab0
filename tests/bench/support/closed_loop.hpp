// Load over HTTP: keep-alive connections on loopback, each of which sends its next request when its
// answer has come. Requests are made ahead, since signing them costs what is to be measured. One
// thread, one epoll.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace decklog::bench {

struct LoadResult {
    double seconds = 0;
    std::vector<double> latencies_ms{};  // of every answer
    std::uint64_t failed = 0;            // answers that were not 200 or 201, connections that broke
    [[nodiscard]] double rate() const { return static_cast<double>(latencies_ms.size()) / seconds; }
};

/// Sends requests[0], requests[1], … until `seconds` have passed or they are used up.
[[nodiscard]] LoadResult closed_loop(std::uint16_t port, std::size_t connections,
                                     std::span<const std::string> requests, double seconds);

}  // namespace decklog::bench
