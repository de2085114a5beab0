// Requests at all doors (four platforms' webhooks, audit actions alone and in batches,
// CloudEvents), every item with a tag of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/e2e/http_client.hpp"

namespace decklog::e2e {

enum class Kind { telegram, stranger, whatsapp, slack, discord, audit, audit_batch, cloud_event };
inline constexpr std::uint64_t kKinds = 8;

/// One request, with the tags that its events will carry; kept so that it can be sent again.
struct Sent {
    Kind kind{};
    std::vector<std::string> tags;
    std::string target;
    std::string body;
    std::string stranger;  // who wrote it, as an erasure names them, if they write nothing else
};
/// Which kind the n-th is looks random and is always the same.
[[nodiscard]] Sent make_request(std::uint64_t n);
[[nodiscard]] std::size_t count_tags(const std::vector<Sent>& sent);

/// Over this connection, signed as its platform signs.
[[nodiscard]] HttpAnswer send_once(HttpClient& client, const Sent& sent);

}  // namespace decklog::e2e
