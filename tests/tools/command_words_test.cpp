// Commands in words: as a POSIX shell reads quotes, and nothing else of a shell.
#include "tools/decklog/command_words.hpp"

#include <gtest/gtest.h>

namespace decklog::cli::command_words_test {

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
    const auto words = split_words(text);
    EXPECT_TRUE(words.has_value()) << text << ": " << words.error().message;
    return words.value_or(Words{});
}

std::string refusal_of(std::string_view text) {
    const auto words = split_words(text);
    return words ? "taken" : words.error().code;
}

TEST(CommandWords, AreSplitAtBlanksOutsideOfQuotes) {
    EXPECT_EQ(words_of("kubectl rollout  status\tdeployment/x --timeout 10m\n"),
              (Words{"kubectl", "rollout", "status", "deployment/x", "--timeout", "10m"}));
    EXPECT_EQ(words_of(R"(a 'b c' "d e" f\ g '' h"i"'j')"),
              (Words{"a", "b c", "d e", "f g", "", "hij"}));
    EXPECT_EQ(words_of(R"(a "it's" 'say "x"' "q\"\\\n\$")"),
              (Words{"a", "it's", "say \"x\"", "q\"\\\\n$"}));
    EXPECT_EQ(words_of(R"(get -o jsonpath='{range .items[*]}{"\n"}{end}')"),
              (Words{"get", "-o", R"(jsonpath={range .items[*]}{"\n"}{end})"}));
}

TEST(CommandWords, NothingIsDoneAsAShellWould) {
    EXPECT_EQ(
        words_of("echo $HOME `id` $(id) *.cpp ~ a|b >c ;d &e #f"),
        (Words{"echo", "$HOME", "`id`", "$(id)", "*.cpp", "~", "a|b", ">c", ";d", "&e", "#f"}));
}

TEST(CommandWords, AreRefusedWhenTheyHaveNoEndOrAreNone) {
    for (const char* text : {"a 'b", "a \"b", "a \"b\\\"", "a\\", "'"})
        EXPECT_EQ(refusal_of(text), "unbalanced_quote") << text;
    for (const char* text : {"", " \t", "''"}) EXPECT_EQ(refusal_of(text), "no_command") << text;
    EXPECT_EQ(refusal_of("a \xff"), "not_utf8");
    EXPECT_EQ(refusal_of(std::string_view("a\0b", 3)), "not_utf8");
    std::string many = "a";
    for (int i = 0; i < 99; ++i) many += " b";
    EXPECT_EQ(refusal_of(many), "taken");
    EXPECT_EQ(refusal_of(many + " c"), "too_many_words");
    EXPECT_EQ(refusal_of("a " + std::string(4096, 'w')), "taken");
    EXPECT_EQ(refusal_of("a " + std::string(4097, 'w')), "word_too_long");
}

TEST(CommandWords, ComeBackFromTheirLine) {
    for (const Words& words : {Words{"kubectl", "--to-revision=3"}, Words{"a", "", "b c"},
                               Words{"it's", "\"", "\\", "$x", "{\"a\":1}"}})
        EXPECT_EQ(words_of(command_line_of(words)), words) << command_line_of(words);
    EXPECT_EQ(command_line_of({"a", "\x1b[2J\n"}), "a '·[2J·'");
}

}  // namespace decklog::cli::command_words_test
