#include "api/erasures/late_search.hpp"

#include <gtest/gtest.h>

namespace decklog::api {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000'000;

class LateSearchTest : public ::testing::Test {
  protected:
    void erase(std::uint64_t ordinal, std::int64_t ago_us) {
        store::LoggedErasure erasure;
        erasure.position = {0, ordinal};
        erasure.recorded_at_us = kNow - ago_us;
        logged_.push_back(std::move(erasure));
    }
    std::vector<std::uint64_t> due(std::uint32_t partition, std::int64_t epoch = 40) {
        std::vector<std::uint64_t> ordinals;
        for (const store::LoggedErasure& one : search_.due(partition, epoch, logged_, kNow))
            ordinals.push_back(one.position.ordinal);
        return ordinals;
    }
    void done(std::uint32_t partition, std::int64_t epoch = 40) {
        search_.done(partition, search_.due(partition, epoch, logged_, kNow));
    }

    LateSearch search_;
    std::vector<store::LoggedErasure> logged_;
};

using Ordinals = std::vector<std::uint64_t>;

TEST_F(LateSearchTest, LooksForTheErasuresOfADayOnceInEachPartition) {
    erase(3, LateSearch::kLateMicrosMax + 1);
    erase(7, LateSearch::kLateMicrosMax);
    erase(9, 5);
    EXPECT_EQ(due(1), (Ordinals{7, 9}));
    EXPECT_EQ(due(1), (Ordinals{7, 9})) << "until it is done";
    done(1);
    EXPECT_EQ(due(1), Ordinals{});
    EXPECT_EQ(due(2), (Ordinals{7, 9})) << "another partition";
    erase(12, 1);
    EXPECT_EQ(due(1), Ordinals{12}) << "a new one alone";
}

TEST_F(LateSearchTest, LooksAgainUnderAnotherEpoch) {
    erase(7, 5);
    done(1);
    EXPECT_EQ(due(1), Ordinals{}) << "one that came back with its epoch: nobody wrote meanwhile";
    EXPECT_EQ(due(1, 90), Ordinals{7}) << "another node may have written before this announce";
    done(1, 90);
    EXPECT_EQ(due(1, 90), Ordinals{});
}

}  // namespace
}  // namespace decklog::api
