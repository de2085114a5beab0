// BLAKE2b-128 of the texts that rows are found under. Most of them, streams, conversations and
// actions, were hashed a moment ago, and hashing is a tenth of what a commit costs a follower: so
// those seen last are remembered, each in the one place that its text may have. One thread's.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"

namespace decklog::store {

class RecentHashes {
  public:
    [[nodiscard]] domain::Bytes16 of(std::string_view text);

  private:
    static constexpr std::size_t kPlaces = 512, kTextBytesMax = 95;
    struct Place {
        domain::Bytes16 hash{};
        std::uint8_t size = 0;  // of the text; 0: nothing is here
        std::array<char, kTextBytesMax> text{};
    };
    std::vector<Place> places_ = std::vector<Place>(kPlaces);
};

}  // namespace decklog::store
