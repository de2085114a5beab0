// Made-up traffic in the wire shape of each platform. The numbers are from ranges that nobody has;
// the people are `sample` accounts. Pure: the n-th body at a time is always the same bytes.
#pragma once

#include <cstdint>
#include <string>

namespace decklog::sample {

[[nodiscard]] std::string telegram_update(std::uint64_t n, std::int64_t now_s);
[[nodiscard]] std::string whatsapp_body(std::uint64_t n, std::int64_t now_s);
[[nodiscard]] std::string slack_event(std::uint64_t n, std::int64_t now_s);
[[nodiscard]] std::string discord_interaction(std::uint64_t n, std::int64_t now_s);
/// One audit action of the leasing bot, as its services send it.
[[nodiscard]] std::string audit_action(std::uint64_t n, std::int64_t now_us);

}  // namespace decklog::sample
