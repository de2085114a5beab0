#include "store/vault/bounded_cache.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "domain/ids.hpp"

namespace decklog::store::bounded_cache_test {
namespace {

domain::SubjectId id(std::uint8_t number) { return {{number}}; }

TEST(BoundedCache, ForgetsWhatWasNotAskedForLongest) {
    BoundedCache<domain::SubjectId, int> cache(2);
    cache.put(id(1), 10);
    cache.put(id(2), 20);
    EXPECT_EQ(*cache.find(id(1)), 10);
    cache.put(id(3), 30);
    EXPECT_EQ(cache.find(id(2)), nullptr);
    EXPECT_EQ(*cache.find(id(1)), 10);
    EXPECT_EQ(*cache.find(id(3)), 30);
    EXPECT_EQ(cache.size(), 2U);
}

TEST(BoundedCache, ReplacesAndErases) {
    BoundedCache<domain::SubjectId, int> cache(2);
    cache.put(id(1), 10);
    cache.put(id(1), 11);
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(*cache.find(id(1)), 11);
    cache.erase(id(1));
    cache.erase(id(9));
    EXPECT_EQ(cache.find(id(1)), nullptr);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(BoundedCache, LetsGoOfValuesThatItForgets) {
    BoundedCache<domain::SubjectId, std::shared_ptr<int>> cache(1);
    const auto value = std::make_shared<int>(1);
    cache.put(id(1), value);
    EXPECT_EQ(value.use_count(), 2);
    cache.put(id(2), nullptr);
    EXPECT_EQ(value.use_count(), 1);
}

}  // namespace
}  // namespace decklog::store::bounded_cache_test
