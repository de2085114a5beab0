#include "tools/decklog/env_file.hpp"

#include <gtest/gtest.h>

namespace decklog::cli::env_file_test {

Variables parsed(std::string_view text) {
    const auto variables = parse_env(text);
    EXPECT_TRUE(variables.has_value()) << variables.error().context;
    return variables.value_or(Variables{});
}

TEST(EnvFile, ReadsLinesOfKeyAndValue) {
    EXPECT_EQ(parsed("A=1\nB = two words \r\n\n# a comment\n  C=\nexport D=4\n_e1=x=y"),
              (Variables{{"A", "1"}, {"B", "two words"}, {"C", ""}, {"D", "4"}, {"_e1", "x=y"}}));
    EXPECT_EQ(parsed(""), Variables{});
}

TEST(EnvFile, ReadsQuotesAndComments) {
    EXPECT_EQ(parsed(R"(A='as # it \n is'
B="a \"b\" \\ \$c\n\x" # why
C=a#b # why
D=#nothing
E='x'
F="")"),
              (Variables{{"A", R"(as # it \n is)"},
                         {"B", "a \"b\" \\ $c\n\\x"},
                         {"C", "a#b"},
                         {"D", ""},
                         {"E", "x"},
                         {"F", ""}}));
}

TEST(EnvFile, TakesTheLastOfAKeyThatStandsTwiceAndExpandsNothing) {
    EXPECT_EQ(parsed("A=1\nA=2\nB=$A"), (Variables{{"A", "2"}, {"B", "$A"}}));
}

TEST(EnvFile, NamesTheLineAndNothingOfIt) {
    for (const std::string& line :
         {std::string("hunter2"), std::string("A-B=hunter2"), std::string("=hunter2"),
          std::string("1A=hunter2"), std::string("A='hunter2"), std::string("A=\"hunter2"),
          std::string("A='hunter2'x"), std::string("A=\"hunter2\"#x"),
          std::string("A=\"hunter2\\\"")}) {
        const auto variables = parse_env("OK=1\n" + line + "\nOK=2");
        ASSERT_FALSE(variables.has_value()) << line;
        EXPECT_EQ(variables.error().context, "line 2 is not KEY=VALUE");
    }
}

}  // namespace decklog::cli::env_file_test
