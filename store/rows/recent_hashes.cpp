#include "store/rows/recent_hashes.hpp"

#include <sodium.h>

#include <algorithm>
#include <functional>

namespace decklog::store {
namespace {

domain::Bytes16 blake2b_128(std::string_view bytes) {
    domain::Bytes16 hash{};
    crypto_generichash_blake2b(hash.data(), hash.size(),
                               reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                               nullptr, 0);
    return hash;
}

}  // namespace

domain::Bytes16 RecentHashes::of(std::string_view text) {
    if (text.empty() || text.size() > kTextBytesMax) return blake2b_128(text);
    Place& place = places_[std::hash<std::string_view>()(text) % kPlaces];
    if (text != std::string_view(place.text.data(), place.size)) {
        place.hash = blake2b_128(text);
        place.size = static_cast<std::uint8_t>(text.size());
        std::copy(text.begin(), text.end(), place.text.begin());
    }
    return place.hash;
}

}  // namespace decklog::store
