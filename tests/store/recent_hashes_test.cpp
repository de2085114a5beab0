#include "store/rows/recent_hashes.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

namespace decklog::store {
namespace {

domain::Bytes16 blake2b_128(const std::string& text) {
    domain::Bytes16 hash{};
    crypto_generichash_blake2b(hash.data(), hash.size(),
                               reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                               nullptr, 0);
    return hash;
}

/// Far more texts than it remembers, each twice in a row and again later; short ones, long ones,
/// and ones that begin alike.
TEST(RecentHashes, AreThoseOfTheTexts) {
    RecentHashes hashes;
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < 3'000; ++i) {
            const std::string text = std::string(i % 200, 'x') + std::to_string(i / 200);
            const domain::Bytes16 expected = blake2b_128(text);
            ASSERT_EQ(hashes.of(text), expected) << text;
            ASSERT_EQ(hashes.of(text), expected) << text;
        }
        EXPECT_EQ(hashes.of(""), blake2b_128(""));
    }
}

}  // namespace
}  // namespace decklog::store
