// The traffic that is recorded with every release: at least one event of every type that a running
// server can be made to write, the same each time. Made-up people on reserved numbers.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/http_client.hpp"

namespace decklog::e2e::releases {

enum class Door {
    telegram,
    discord,
    whatsapp,
    slack,
    audit,
    cloud_event,
    tokens,
    accounts,
    policies,
    workers,
    rollouts
};

struct Sent {
    Door door{};
    std::string body;
    std::string path{};  // of rollouts, behind /api/rollouts
};

[[nodiscard]] std::vector<Sent> release_traffic();
/// Sent again, it is a repeat; what has no key is done again.
[[nodiscard]] constexpr bool has_key(Door door) {
    return door != Door::tokens && door != Door::policies && door != Door::workers &&
           door != Door::rollouts;
}
/// Signs and posts it.
[[nodiscard]] HttpAnswer send(HttpClient& client, const Sent& sent);

}  // namespace decklog::e2e::releases
