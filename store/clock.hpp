// Time and randomness as values handed in, so that every part of the store can be driven by a test.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace decklog::store {

/// Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    /// Wall clock, microseconds since 1970-01-01 UTC; may step.
    [[nodiscard]] virtual std::int64_t now_us() const = 0;
    /// CLOCK_BOOTTIME in microseconds; never steps.
    [[nodiscard]] virtual std::int64_t boot_us() const = 0;
};

/// Thread-safe.
class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

[[nodiscard]] Clock& system_clock();
/// libsodium's randombytes_buf.
[[nodiscard]] Random& system_random();

}  // namespace decklog::store
