#include "domain/chat/delivery_status.hpp"

#include <gtest/gtest.h>

namespace decklog::domain::delivery_status_test {

TEST(DeliveryRank, OrdersWhatIsKnownOfAMessage) {
    EXPECT_LT(delivery_rank("sent"), delivery_rank("failed"));
    EXPECT_LT(delivery_rank("failed"), delivery_rank("delivered"));
    EXPECT_LT(delivery_rank("delivered"), delivery_rank("read"));
    EXPECT_LT(delivery_rank("read"), delivery_rank("played"));
}

TEST(DeliveryRank, NeverLetsAnUnknownStatusWin) {
    EXPECT_EQ(delivery_rank("warning"), 0U);
    EXPECT_EQ(delivery_rank(""), 0U);
    EXPECT_GT(delivery_rank("sent"), 0U);
}

}  // namespace decklog::domain::delivery_status_test
