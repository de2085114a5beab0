#include "store/share_work.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>

namespace decklog::store {
namespace {

TEST(ShareWork, DoesEachPieceOnceHoweverManyThereAre) {
    constexpr std::size_t kMost = 1'000;
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2}, kMost}) {
        std::array<std::atomic<int>, kMost> done{};
        share_work(count, [&](std::size_t piece) { ++done[piece]; });
        for (std::size_t i = 0; i < kMost; ++i) ASSERT_EQ(done[i], i < count ? 1 : 0) << i;
    }
}

}  // namespace
}  // namespace decklog::store
