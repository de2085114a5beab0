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
    const OperatorBook book({{"anna", Role::operator_, {"slack:U0ANNA111", "discord:9911"}},
                             {"ben", Role::viewer, {"slack/T0OPS:U0BEN2222"}}});
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0ANNA111"), "anna");
    EXPECT_EQ(name_of(book, Platform::slack, "T0OPS", "U0ANNA111"), "anna");
    EXPECT_EQ(name_of(book, Platform::discord, "default", "9911"), "anna");
    EXPECT_EQ(name_of(book, Platform::slack, "T0OPS", "U0BEN2222"), "ben");
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0BEN2222"), "") << "of one account";
    EXPECT_EQ(name_of(book, Platform::discord, "default", "U0ANNA111"), "") << "of a platform";
    EXPECT_EQ(name_of(book, Platform::slack, "default", "9911"), "");
    EXPECT_EQ(name_of(book, Platform::slack, "default", "U0ANNA11"), "");
    EXPECT_EQ(name_of(book, Platform::slack, "default", ""), "") << "nobody is nobody";
    EXPECT_TRUE(OperatorBook({}).is_empty());
}

}  // namespace decklog::api::operator_book_test
