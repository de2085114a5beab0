// Text messages as WhatsApp delivers them, half a kilobyte each, numbered, and their signature.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace decklog::bench {

/// From one of `people` numbers that nobody has; sent now.
[[nodiscard]] std::string whatsapp_body(std::uint64_t number, std::uint64_t people);
/// The value of X-Hub-Signature-256.
[[nodiscard]] std::string whatsapp_signature(std::string_view secret, std::string_view body);

}  // namespace decklog::bench
