// What every fuzz target needs: the input as text, randomness that repeats, and a check that stays
// in when assertions do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "store/clock.hpp"

namespace decklog::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// The same bytes in every run: a finding must repeat.
class CountingRandom final : public store::Random {
  public:
    void fill(std::span<std::uint8_t> bytes) override {
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(next_++ * 167U >> 3U);
    }

  private:
    std::uint32_t next_ = 1;
};

inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

}  // namespace decklog::fuzz
