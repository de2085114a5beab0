// What signature checks are made of: HMAC-SHA256, hex, comparison in constant time, and the age of
// a signed timestamp. Nothing here knows a platform. Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::ingest {

using Sha256 = std::array<std::uint8_t, 32>;

/// HMAC-SHA256 of the parts, one after the other.
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::span<const std::string_view> parts);

/// Takes the same time for any two texts of the same lengths; even their common prefix stays
/// hidden.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);
[[nodiscard]] bool equal_in_constant_time(std::span<const std::uint8_t> a,
                                          std::span<const std::uint8_t> b);

/// Bytes of an even number of hex digits; nullopt for anything else.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view hex);

/// Whole seconds since 1970 in at most 12 digits, as microseconds.
[[nodiscard]] std::optional<std::int64_t> timestamp_us(std::string_view seconds);
[[nodiscard]] bool is_fresh(std::int64_t timestamp_us, std::int64_t now_us);

}  // namespace decklog::ingest
