// Base64 (RFC 4648, with padding), quick enough for whole logs: frames stand in it in exports.
// Decoding takes only what encoding writes, so equal bytes have one spelling. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::domain {

void append_base64(std::string& to, std::span<const std::uint8_t> bytes);
/// nullopt: not base64, or another spelling of it (white space, no padding, stray bits).
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace decklog::domain
