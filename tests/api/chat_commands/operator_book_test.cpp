// Who may give commands in chat: the platform's person, in every account or in one.
#include "api/chat_commands/operator_book.hpp"

#include <gtest/gtest.h>

namespace decklog::api::operator_book_test {

using ingest::Platform;

std::string name_of(const OperatorBook& book, Platform platform, const char* account,
                    const char* person) {
    const Operator* found = book.find(platform, account, person);
    return found == nullptr ? "" : found->name;
}

TEST(OperatorBook, KnowsWhoIsListedAndNobodyElse) {
    const OperatorBook book({{"pilot", Role::operator_, {"slack:U0PILOT11", "discord:9911"}},
                             {"watch", Role::viewer, {"slack/T0OPS:U0WATCH22"}}});
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0PILOT11"), "pilot");
    EXPECT_EQ(name_of(book, Platform::slack, "T0OPS", "U0PILOT11"), "pilot");
    EXPECT_EQ(name_of(book, Platform::discord, "default", "9911"), "pilot");
    EXPECT_EQ(name_of(book, Platform::slack, "T0OPS", "U0WATCH22"), "watch");
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0WATCH22"), "") << "of one account";
    EXPECT_EQ(name_of(book, Platform::discord, "default", "U0PILOT11"), "") << "of a platform";
    EXPECT_EQ(name_of(book, Platform::slack, "default", "9911"), "");
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0PILOT1"), "");
    EXPECT_EQ(name_of(book, Platform::slack, "default", ""), "") << "nobody is nobody";
    EXPECT_TRUE(OperatorBook({}).is_empty());
}

}  // namespace decklog::api::operator_book_test
