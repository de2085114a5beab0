#include "store/vault/compress.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace decklog::store::compress_test {
namespace {

using domain::Bytes;

RC_GTEST_PROP(Compress, GivesBackWhatItTook, (const Bytes& plain)) {
    RC_ASSERT(*decompress(compress(plain), plain.size()) == plain);
}

TEST(Decompress, RefusesMoreThanTheLimit) {
    const Bytes packed = compress(Bytes(1'000'000));
    EXPECT_LT(packed.size(), 1'000U);
    EXPECT_TRUE(decompress(packed, 1'000'000));
    EXPECT_EQ(decompress(packed, 999'999).error().code, domain::ErrorCode::corrupt);
}

TEST(Decompress, RefusesASecondFrameBehindTheFirst) {
    Bytes packed = compress(Bytes(100, 1));
    const Bytes more = compress(Bytes(1'000'000, 2));
    packed.insert(packed.end(), more.begin(), more.end());
    EXPECT_EQ(decompress(packed, 10'000).error().code, domain::ErrorCode::corrupt);
}

TEST(Decompress, RefusesDamageOfEveryKind) {
    const Bytes packed = compress(Bytes{'h', 'e', 'l', 'l', 'o'});
    EXPECT_FALSE(decompress({}, 100));
    EXPECT_FALSE(decompress(Bytes{1, 2, 3, 4, 5, 6, 7, 8}, 100));
    for (std::size_t size = 0; size < packed.size(); ++size) {
        EXPECT_FALSE(decompress(std::span(packed).first(size), 100)) << size;
    }
    Bytes longer = packed;
    longer.push_back(0);
    EXPECT_FALSE(decompress(longer, 100));
}

RC_GTEST_PROP(Decompress, SurvivesAnyBytes, (Bytes junk)) {
    // The frame's magic number, so that some get past the first look.
    const Bytes magic{0x28, 0xB5, 0x2F, 0xFD};
    junk.insert(junk.begin(), magic.begin(), magic.end());
    const auto plain = decompress(junk, 4096);
    if (plain) RC_ASSERT(plain->size() <= 4096U);
}

}  // namespace
}  // namespace decklog::store::compress_test
